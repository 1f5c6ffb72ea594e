/** Has something be made when it is first asked for, and not when its module is loaded, which a start waits for. */
export function onFirstUse<Thing>(make: () => Thing): () => Thing {
  let made: { thing: Thing } | undefined
  return () => (made ??= { thing: make() }).thing
}
