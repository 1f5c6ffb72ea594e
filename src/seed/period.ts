import edtf from 'edtf'

/** A period of time as its first and last day (ISO 8601, both inclusive). */
export type Period = {
  /** Null where the start is open. */
  period_start: string | null
  period_end: string
  /** The year in which the period ends. */
  year: number
}

// What of EDTF a period may be: dates to the day, perhaps uncertain or approximate, and intervals of them.
const date = String.raw`\d{4}(?:-\d\d(?:-\d\d)?)?[~?%]?`
const form = new RegExp(`^(?:${date}|(?:${date}|\\.\\.)/${date})$`)

const day = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10)

/**
 * Reads an EDTF string (ISO 8601-2 level 1): a year, month or day, or an interval of them whose start may be open
 * ("../2018"). Throws an Error that says what was expected for anything else, an open end included.
 */
export function readPeriod(text: string): Period {
  let parsed
  try {
    parsed = edtf(text)
  } catch {
    throw new Error(`expected an EDTF date or interval such as 2020, 2018-07, 2018/2020 or ../2018, got "${text}"`)
  }
  const { min, max } = parsed
  if (!['Date', 'Interval'].includes(parsed.type) || max === null || !Number.isFinite(max)) {
    throw new Error(`expected an EDTF date or an interval with an end, got "${text}"`)
  }
  if (min === null) throw new Error(`expected an open start to be written "..", got "${text}"`)
  if (min > max) throw new Error(`expected the start of "${text}" to come before its end`)
  if (!form.test(text)) throw new Error(`expected a year, month or day, or an interval of them, got "${text}"`)
  const impossible = text.split('/').find((part) => {
    const full = /^\d{4}-\d\d-\d\d/.exec(part)?.[0]
    // The library takes February 29 in any year.
    return full !== undefined && day(Date.parse(full)) !== full
  })
  if (impossible !== undefined) throw new Error(`expected a day of the calendar, got "${impossible}"`)
  const years = text.match(/\d{4}(?=-|\/|[~?%]|$)/g)?.map(Number) ?? []
  if (years.some((year) => year < 1000 || year > 2999)) {
    throw new Error(`expected years from 1000 to 2999, got "${text}"`)
  }
  const period_end = day(max)
  return { period_start: Number.isFinite(min) ? day(min) : null, period_end, year: Number(period_end.slice(0, 4)) }
}
