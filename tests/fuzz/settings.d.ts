import 'vitest'

declare module 'vitest' {
  // What the commands give to the tests that run as long as they are told.
  // eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- only an interface can be added to
  export interface ProvidedContext {
    fuzz?: { minutes: number; seed?: number; path?: string }
    soak?: { requests: number }
  }
}
