import { expect, test } from 'vitest'
import { ConfigError, inheritedSocket, readConfig } from '../src/config.ts'

test('without an environment every setting has its default', () => {
  expect(readConfig({})).toEqual({
    HOST: '127.0.0.1',
    PORT: 3000,
    DATABASE_PATH: 'data/metrics.db',
    LOG_LEVEL: 'info',
    TRUST_PROXY: false,
    RATE_LIMIT_MAX: 600,
    SHUTDOWN_DELAY: 0,
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
    SECURITY_CONTACT: 'mailto:security@example.org',
    SHUTDOWN_DELAY: '10',
    TELEMETRY_PORT: '9464',
  })
  expect(config).toEqual({
    HOST: '0.0.0.0',
    PORT: 0,
    DATABASE_PATH: '/tmp/x.db',
    PUBLIC_URL: 'https://example.org/api',
    LOG_LEVEL: 'silent',
    TRUST_PROXY: true,
    RATE_LIMIT_MAX: 5,
    SECURITY_CONTACT: 'mailto:security@example.org',
    SHUTDOWN_DELAY: 10,
    TELEMETRY_PORT: 9464,
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
  ['RATE_LIMIT_MAX', '1000000001'],
  ['SECURITY_CONTACT', 'the maintainers'],
  ['SECURITY_CONTACT', 'http://example.org/report'],
  ['SECURITY_CONTACT', 'mailto:a@example.org and others'],
  ['SHUTDOWN_DELAY', '-1'],
  ['SHUTDOWN_DELAY', '301'],
  ['TELEMETRY_PORT', '65536'],
  ['TELEMETRY_PORT', '3000'],
])('%s=%s is refused in one line that names both', (name, value) => {
  const read = () => readConfig({ [name]: value })
  expect(read).toThrow(ConfigError)
  expect(read).toThrow(new RegExp(`^wrong setting: ${name}: expected [^\\n]*"${RegExp.escape(value)}"$`))
})

test.each([
  ['http://b\u00fccher.example/a b/', 'http://xn--bcher-kva.example/a%20b'],
  ['https://figures.example', 'https://figures.example'],
])('the public address %s is written as links write it', (address, written) => {
  expect(readConfig({ PUBLIC_URL: address }).PUBLIC_URL).toBe(written)
})

test('metrics never share the port of the service, but any free one may be taken for each', () => {
  expect(() => readConfig({ PORT: '4000', TELEMETRY_PORT: '4000' })).toThrow(/^wrong setting: TELEMETRY_PORT: /)
  expect(readConfig({ PORT: '0', TELEMETRY_PORT: '0' })).toMatchObject({ PORT: 0, TELEMETRY_PORT: 0 })
})

test.each(['https://example.org/report', 'mailto:security@example.org', 'tel:+1-201-555-0123'])(
  '%s is a contact for vulnerabilities',
  (contact) => {
    expect(readConfig({ SECURITY_CONTACT: contact }).SECURITY_CONTACT).toBe(contact)
  },
)

test('a listening socket is taken over where it was meant for this process, and only one', () => {
  expect(inheritedSocket({ LISTEN_PID: '42', LISTEN_FDS: '1' }, 42)).toBe(3)
  expect(inheritedSocket({ LISTEN_PID: '41', LISTEN_FDS: '1' }, 42)).toBeUndefined()
  expect(inheritedSocket({ LISTEN_PID: '42' }, 42)).toBeUndefined()
  expect(inheritedSocket({}, 42)).toBeUndefined()
  expect(() => inheritedSocket({ LISTEN_PID: '42', LISTEN_FDS: '2' }, 42)).toThrow(ConfigError)
})

test.each(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])('LOG_LEVEL=%s is known', (level) => {
  expect(readConfig({ LOG_LEVEL: level }).LOG_LEVEL).toBe(level)
})

test.each([
  ['PORT', 65_535],
  ['RATE_LIMIT_MAX', 1],
  ['RATE_LIMIT_MAX', 1_000_000_000],
  ['SHUTDOWN_DELAY', 300],
  ['TELEMETRY_PORT', 65_535],
] as const)('%s may be %i', (name, value) => {
  expect(readConfig({ [name]: String(value) })[name]).toBe(value)
})

test('every wrong variable is named at once', () => {
  expect(() => readConfig({ PORT: 'x', LOG_LEVEL: 'y' })).toThrow(/PORT: .*; LOG_LEVEL: /)
})

test.each([
  ['false', false],
  ['true', true],
  ['1', 1],
  ['99', 99],
  ['10.0.0.1/32,::1/128', ['10.0.0.1/32', '::1/128']],
  ['10.0.0.0/8,::1', ['10.0.0.0/8', '::1']],
])('TRUST_PROXY=%s says whom to believe', (text, expected) => {
  expect(readConfig({ TRUST_PROXY: text }).TRUST_PROXY).toEqual(expected)
})

test.each(['yes', '0', '100', '10.0.0.0/33', '::1/129', '::1/x', '1.2.3', 'localhost', '10.0.0.1,', '10.0.0.1/8/8'])(
  'TRUST_PROXY=%s is refused',
  (text) => {
    expect(() => readConfig({ TRUST_PROXY: text })).toThrow(/^wrong setting: TRUST_PROXY: expected false, true, /)
  },
)
