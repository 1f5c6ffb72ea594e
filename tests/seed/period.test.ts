import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readPeriod } from '../../src/seed/period.ts'

const syntax = (text: string) =>
  `expected an EDTF date or interval such as 2020, 2018-07, 2018/2020 or ../2018, got "${text}"`
const noEnd = (text: string) => `expected an EDTF date or an interval with an end, got "${text}"`

describe('readPeriod', () => {
  it.each([
    ['2020', '2020-01-01', '2020-12-31', 2020],
    ['2018-07', '2018-07-01', '2018-07-31', 2018],
    ['2016-02', '2016-02-01', '2016-02-29', 2016],
    ['2018-07-20', '2018-07-20', '2018-07-20', 2018],
    ['2018/2020', '2018-01-01', '2020-12-31', 2020],
    ['2019-01/2019-06', '2019-01-01', '2019-06-30', 2019],
    ['2020-01-16/2020-01-19', '2020-01-16', '2020-01-19', 2020],
    ['2018-07/2019', '2018-07-01', '2019-12-31', 2019],
    ['../2018', null, '2018-12-31', 2018],
    ['../2018-07', null, '2018-07-31', 2018],
    ['2012~', '2012-01-01', '2012-12-31', 2012],
    ['2012?', '2012-01-01', '2012-12-31', 2012],
    ['2012%', '2012-01-01', '2012-12-31', 2012],
    ['../2012~', null, '2012-12-31', 2012],
  ])('reads %s as %s to %s, in the year %i', (text, period_start, period_end, year) => {
    expect(readPeriod(text)).toEqual({ period_start, period_end, year })
  })

  it.each([
    ['', syntax('')],
    ['about 2018', syntax('about 2018')],
    [' 2018', syntax(' 2018')],
    ['2018-13', syntax('2018-13')],
    ['2018-1', syntax('2018-1')],
    ['2018-04-31', syntax('2018-04-31')],
    ['2018-W03', syntax('2018-W03')],
    ['2020/2018', syntax('2020/2018')],
    ['2018/2019/2020', syntax('2018/2019/2020')],
    ['2018/..', noEnd('2018/..')],
    ['../..', noEnd('../..')],
    ['2018/', noEnd('2018/')],
    ['2018-21', noEnd('2018-21')],
    ['{2018,2019}', noEnd('{2018,2019}')],
    ['[2018..2019]', noEnd('[2018..2019]')],
    ['Y170000002', noEnd('Y170000002')],
    ['/2018', 'expected an open start to be written "..", got "/2018"'],
  ])('refuses "%s" and says what it expected', (text, message) => {
    expect(() => readPeriod(text)).toThrow(new Error(message))
  })

  // Each of these is no day of the calendar, or no date, month or day as EDTF writes them.
  it.each(['2018-02-29', '2100-02-29', '20180720', '2018-07-20T10:00:00Z', '-0100'])('refuses "%s"', (text) => {
    expect(() => readPeriod(text)).toThrow(/^expected /)
  })

  it('runs from the first day of its start to the last of its end, for any interval of years', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1000, max: 2500 }), fc.integer({ min: 1, max: 499 }), (from, length) => {
        expect(readPeriod(`${from}/${from + length}`)).toEqual({
          period_start: `${from}-01-01`,
          period_end: `${from + length}-12-31`,
          year: from + length,
        })
      }),
    )
  })

  it('reads every day of the calendar as itself', () => {
    const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-12-31'), noInvalidDate: true })
    fc.assert(
      fc.property(days, (date) => {
        const text = date.toISOString().slice(0, 10)
        expect(readPeriod(text)).toEqual({ period_start: text, period_end: text, year: date.getUTCFullYear() })
      }),
    )
  })
})
