// The library ships no types; this declares the part of it that is used here.
declare module 'edtf' {
  type Parsed = {
    type: 'Date' | 'Interval' | 'Year' | 'Season' | 'Set' | 'List'
    /** Milliseconds since 1970; ±Infinity for an open end, null for an unknown one. */
    min: number | null
    max: number | null
  }
  export default function edtf(text: string): Parsed
}
