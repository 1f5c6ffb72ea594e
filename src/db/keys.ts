/**
 * At which position a figure stands, told by a hash of its id. The index of ids says the same, but has all of each id: of a
 * million figures it is larger than what the process keeps of the file, and each look at it would be a read of the file.
 */
import { crc32 } from 'node:zlib'
import { placeAfter } from './positions.ts'

/** Hashes of ids in order, and behind them as many positions. */
export type Keys = Uint32Array

/** So many figures have a bucket, give or take what chance does. */
const perBucket = 512

/** The bucket of a hash, from 0; each has as large a part of all hashes. */
const bucketOf = (hash: number, buckets: number) => Math.floor((hash / 2 ** 32) * buckets)

/** Buckets of keys, at least one. */
export function packKeys(ids: readonly string[], positions: Uint32Array): Keys[] {
  // Both as one number, so that numbers alone are sorted.
  const both = ids.map((id, at) => (BigInt(crc32(id)) << 32n) | BigInt(positions[at] ?? 0))
  const sorted = BigUint64Array.from(both).sort()
  const hashes = Uint32Array.from(sorted, (key) => Number(key >> 32n))
  const sortedPositions = Uint32Array.from(sorted, (key) => Number(BigInt.asUintN(32, key)))
  const buckets = Math.max(1, Math.ceil(ids.length / perBucket))
  let start = 0
  return Array.from({ length: buckets }, (_, bucket) => {
    let end = start
    while (end < hashes.length && bucketOf(hashes[end] ?? 0, buckets) === bucket) end += 1
    const keys = Uint32Array.of(...hashes.subarray(start, end), ...sortedPositions.subarray(start, end))
    start = end
    return keys
  })
}

/** The positions at which a figure of an id may stand: none or one, and more where its hash is that of several ids. */
export function positionsFor(id: string, buckets: number, read: (bucket: number) => Keys): number[] {
  const hash = crc32(id)
  const keys = read(bucketOf(hash, buckets))
  const size = keys.length / 2
  const positions: number[] = []
  for (let at = placeAfter(keys, hash - 1, size); at < size && keys[at] === hash; at += 1) {
    positions.push(keys[size + at] ?? 0)
  }
  return positions
}
