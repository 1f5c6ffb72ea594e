/**
 * Has something be made when it is first asked for, and not when its module is loaded, which a start waits for. What comes by
 * a promise that fails is made anew when it is next asked for: the file that could not be read may be there by then.
 */
export function onFirstUse<Thing>(make: () => Thing): () => Thing {
  let made: { thing: Thing } | undefined
  return () => {
    if (made === undefined) {
      const own = (made = { thing: make() })
      if (own.thing instanceof Promise) {
        own.thing.catch(() => {
          if (made === own) made = undefined
        })
      }
    }
    return made.thing
  }
}

/** What is known by a key, or else is worked out from it and known from then on, unless it is undefined. */
export function remembered<Key, Value>(
  memory: { get: (key: Key) => Value | undefined; set: (key: Key, value: Value) => unknown },
  key: Key,
  workOut: (key: Key) => Value,
): Value {
  let value = memory.get(key)
  if (value === undefined) memory.set(key, (value = workOut(key)))
  return value
}
