import { expect, it } from 'vitest'
import { onFirstUse } from '../src/first-use.ts'

it('makes a thing when it is first asked for, and once', () => {
  let made = 0
  const thing = onFirstUse(() => ({ number: (made += 1) }))
  expect(made).toBe(0)
  expect(thing()).toBe(thing())
  expect(made).toBe(1)
})

it('keeps a thing that is nothing', () => {
  let made = 0
  const nothing = onFirstUse(() => {
    made += 1
  })
  nothing()
  nothing()
  expect(made).toBe(1)
})

it('makes what failed anew, by a promise or at once, and what came only once', async () => {
  let asked = 0
  const file = onFirstUse(async () => {
    asked += 1
    await Promise.resolve()
    if (asked === 1) throw new Error('EMFILE')
    return asked
  })
  const [first, meanwhile] = [file(), file()]
  await expect(first).rejects.toThrow('EMFILE')
  await expect(meanwhile).rejects.toThrow('EMFILE')
  expect(await file()).toBe(2)
  expect(await file()).toBe(2)

  let tried = 0
  const atOnce = onFirstUse(() => {
    tried += 1
    if (tried === 1) throw new Error('EMFILE')
    return tried
  })
  expect(atOnce).toThrow('EMFILE')
  expect([atOnce(), atOnce()]).toEqual([2, 2])
})
