import { expect, test } from 'vitest'
import { ConfigError, readConfig } from '../src/config.ts'

test('without an environment every setting has its default', () => {
  expect(readConfig({})).toEqual({
    HOST: '127.0.0.1',
    PORT: 3000,
    DATABASE_PATH: 'data/metrics.db',
    LOG_LEVEL: 'info',
    TRUST_PROXY: false,
    RATE_LIMIT_MAX: 600,
  })
})

test('an empty variable counts as not set, and variables of other programs are ignored', () => {
  expect(readConfig({ PORT: '', HOME: '/home/someone' })).toEqual(readConfig({}))
})

test('every setting can be set', () => {
  const config = readConfig({
    HOST: '0.0.0.0',
    PORT: '0',
    DATABASE_PATH: '/tmp/x.db',
    PUBLIC_URL: 'https://example.org/api//',
    LOG_LEVEL: 'silent',
    TRUST_PROXY: 'true',
    RATE_LIMIT_MAX: '5',
  })
  expect(config).toEqual({
    HOST: '0.0.0.0',
    PORT: 0,
    DATABASE_PATH: '/tmp/x.db',
    PUBLIC_URL: 'https://example.org/api',
    LOG_LEVEL: 'silent',
    TRUST_PROXY: true,
    RATE_LIMIT_MAX: 5,
  })
  expect(Object.isFrozen(config)).toBe(true)
})

test.each([
  ['PORT', '65536'],
  ['PORT', '-1'],
  ['PORT', '0x50'],
  ['PORT', '80 '],
  ['PUBLIC_URL', 'ftp://example.org'],
  ['PUBLIC_URL', 'example.org'],
  ['PUBLIC_URL', 'https://example.org/?a=b'],
  ['LOG_LEVEL', 'loud'],
  ['TRUST_PROXY', 'yes'],
  ['RATE_LIMIT_MAX', '0'],
])('%s=%s is refused in one line that names both', (name, value) => {
  const read = () => readConfig({ [name]: value })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(new RegExp(`^wrong setting: ${name}: expected [^\\n]*"${RegExp.escape(value)}"$`))
})

test('every wrong variable is named at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .*; LOG_LEVEL: /)
})

test.each([
  ['false', false],
  ['true', true],
  ['1', 1],
  ['10.0.0.0/8,::1', ['10.0.0.0/8', '::1']],
])('TRUST_PROXY=%s says whom to believe', (text, expected) => {
  expect(readConfig({ TRUST_PROXY: text }).TRUST_PROXY).toEqual(expected)
})

test.each(['yes', '0', '100', '10.0.0.0/33', '::1/x', '1.2.3', 'localhost', '10.0.0.1,', '10.0.0.1/8/8'])(
  'TRUST_PROXY=%s is refused',
  (text) => {
    expect(() => readConfig({ TRUST_PROXY: text })).toThrow(/^wrong setting: TRUST_PROXY: expected false, true, /)
  },
)
