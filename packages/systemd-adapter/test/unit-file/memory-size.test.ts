import { expect, test } from 'vitest'
import { parseMemorySize, shareBytes } from '../../src/unit-file/memory-size.ts'

const bytes = (text: string, zero = false) => {
  const size = parseMemorySize(text, { zero })
  return size.kind === 'bytes' ? size.bytes : size.kind
}

test.each<[string, bigint]>([
  ['1', 1n],
  ['2147483648', 2_147_483_648n],
  ['2G', 2_147_483_648n],
  ['1.5G', 1_610_612_736n],
  ['1G500M', 1_598_029_824n],
  ['1G 500M', 1_598_029_824n],
  ['2 G', 2_147_483_648n],
  ['+5B', 5n],
  ['1.M', 1_048_576n],
  ['0.1K', 102n],
  ['7K1', 7169n],
  ['8E', 2n ** 63n],
  ['15E', 15n * 2n ** 60n],
  ['18446744073709551614', 2n ** 64n - 2n],
])('%s is so many bytes', (text, expected) => {
  expect(bytes(text)).toBe(expected)
})

test.each([
  '2GB',
  '2g',
  '2Gi',
  '2GiB',
  'max',
  '-1',
  '0',
  '0%',
  '200%',
  '1e9',
  '0x10',
  '16E',
  '15.5E',
  '18446744073709551615',
  '18446744073709551616',
  '1G # comment',
  '"1G"',
  '.5G',
  '1M1G',
  '1 2',
  '100.01%',
  '5 %',
  '%',
  '1.%',
  '1.234%',
  '-1%',
  '08%',
  '1G1G',
  'Infinity',
  'G',
  '1.5.5G',
  '١G',
])('%s is ignored', (text) => {
  expect(bytes(text)).toBe('ignored')
})

test('zero is a value of some keys only', () => {
  expect(bytes('0', true)).toBe(0n)
  expect(bytes('0B', false)).toBe('ignored')
  expect(parseMemorySize('0%', { zero: true })).toEqual({ kind: 'share', permyriad: 0 })
  expect(parseMemorySize('0%')).toMatchObject({ kind: 'ignored' })
})

test.each([
  ['50%', 5000],
  ['33.3%', 3330],
  ['33.33%', 3333],
  ['100%', 10_000],
  ['33‰', 330],
  ['33.5‰', 335],
  ['33‱', 33],
  ['010%', 800],
  ['0x10%', 1600],
  ['0b11%', 300],
  ['0o17%', 1500],
])('%s is a share of the host', (text, permyriad) => {
  expect(parseMemorySize(text)).toEqual({ kind: 'share', permyriad })
})

test('nothing and infinity are no limit', () => {
  expect(parseMemorySize('')).toEqual({ kind: 'infinity' })
  expect(parseMemorySize('infinity')).toEqual({ kind: 'infinity' })
})

test('a share is counted in whole pages', () => {
  expect(shareBytes(5000, 3 * 4096 + 100)).toBe(4096n)
  expect(shareBytes(10_000, 2 ** 40)).toBe(2n ** 40n)
})
