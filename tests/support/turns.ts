import { onTestFinished } from 'vitest'

/** Counts the turns of the event loop from now to the end of the test; tells how many there were so far. */
export function countTurns(): () => number {
  let turn = 0
  let next = setImmediate(count)
  function count() {
    turn++
    next = setImmediate(count)
  }
  onTestFinished(() => {
    clearImmediate(next)
  })
  return () => turn
}
