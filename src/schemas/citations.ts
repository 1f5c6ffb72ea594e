import { z } from 'zod'
import { Id, Link, Text } from './envelope.ts'
import { atMostOne } from './query.ts'
import { CitationFormat } from './vocabularies.ts'

/** What a citation is asked for with. */
export const CitationQuery = z.strictObject({
  format: atMostOne(CitationFormat, {
    description: 'Format of the citation; beats the Accept header. Without both, CSL-JSON.',
    examples: {
      bibtex: { summary: 'For LaTeX', value: 'bibtex' },
      ris: { summary: 'For Zotero, Mendeley or EndNote', value: 'ris' },
      text: { summary: 'To paste: APA, plain text', value: 'text' },
    },
  }),
})

/** One figure and one document, cited in every format. */
export const citationExamples = {
  figure: {
    csl: [
      {
        id: 'inl-2021-coca-eradication-2020',
        type: 'webpage',
        title: 'Colombia Summary',
        author: [
          { literal: 'U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)' },
        ],
        issued: {
          'date-parts': [
            [2021, 1],
            [2021, 6],
          ],
          circa: true,
        },
        URL: 'https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/#:~:text=more%20than%20130%2C000%20hectares%20of%20coca%20through%20forced%20eradication',
        genre: 'country page',
        language: 'en',
        annote: 'Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.',
        note: 'Quoted phrase: “more than 130,000 hectares of coca through forced eradication” (Unicode code points 3680–3741 of the text, end exclusive).',
      },
    ],
    ris: `TY  - ELEC\r
AU  - U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)\r
ID  - inl-2021-coca-eradication-2020\r
LA  - en\r
PB  - U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)\r
TI  - Colombia Summary\r
UR  - https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/#:~:text=more%20than%20130%2C000%20hectares%20of%20coca%20through%20forced%20eradication\r
M3  - country page\r
PY  - 2021\r
DA  - 2021///circa\r
N1  - Quoted phrase: “more than 130,000 hectares of coca through forced eradication” (Unicode code points 3680–3741 of the text, end exclusive). Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.\r
ER  - \r
`,
    bibtex: `@misc{inl-2021-coca-eradication-2020,
  annote = {Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.},
  author = {{U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)}},
  note = {Quoted phrase: “more than 130,000 hectares of coca through forced eradication” (Unicode code points 3680–3741 of the text, end exclusive).},
  publisher = {{U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)}},
  title = {Colombia {Summary}},
  type = {country page},
  url = {https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/#:~:text=more%20than%20130%2C000%20hectares%20of%20coca%20through%20forced%20eradication},
  date = {2021-01~/2021-06~},
  year = {about 2021},
}
`,
    text: `U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL). (ca. 2021, January–June). Colombia Summary [Country page]. https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/#:~:text=more%20than%20130%2C000%20hectares%20of%20coca%20through%20forced%20eradication Quoted phrase: “more than 130,000 hectares of coca through forced eradication” (Unicode code points 3680–3741 of the text, end exclusive).
`,
  },
  document: {
    csl: [
      {
        id: 'inl-colombia-summary-2021',
        type: 'webpage',
        title: 'Colombia Summary',
        author: [
          { literal: 'U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)' },
        ],
        issued: {
          'date-parts': [
            [2021, 1],
            [2021, 6],
          ],
          circa: true,
        },
        URL: 'https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/',
        genre: 'country page',
        language: 'en',
        annote: 'Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.',
      },
    ],
    ris: `TY  - ELEC\r
AU  - U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)\r
ID  - inl-colombia-summary-2021\r
LA  - en\r
PB  - U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)\r
TI  - Colombia Summary\r
UR  - https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/\r
M3  - country page\r
PY  - 2021\r
DA  - 2021///circa\r
N1  - Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.\r
ER  - \r
`,
    bibtex: `@misc{inl-colombia-summary-2021,
  annote = {Published between 2021-01-21 and 2021-06; the date is inferred, wholly or in part.},
  author = {{U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)}},
  publisher = {{U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL)}},
  title = {Colombia {Summary}},
  type = {country page},
  url = {https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/},
  date = {2021-01~/2021-06~},
  year = {about 2021},
}
`,
    text: `U.S. Department of State, Bureau of International Narcotics and Law Enforcement Affairs (INL). (ca. 2021, January–June). Colombia Summary [Country page]. https://www.state.gov/bureau-of-international-narcotics-and-law-enforcement-affairs-work-by-country/colombia-summary/
`,
  },
}

export const CslItem = z
  .strictObject({
    id: Id.meta({ description: 'Id of the document or figure.' }),
    type: z.enum(['webpage', 'report', 'dataset']).meta({
      description: 'Kind of source, as CSL has it; `dataset` for a derived figure, which is cited as this dataset.',
    }),
    title: Text.meta({ description: 'Title of the document; of a derived figure, its statement.' }),
    author: z
      .array(z.strictObject({ literal: Text.meta({ description: 'Name of an institution, not to be taken apart.' }) }))
      .length(1)
      .meta({ description: 'The original publisher; of a derived figure, this dataset.' }),
    issued: z
      .strictObject({
        'date-parts': z
          .array(z.array(z.int().min(1).max(2999)).min(1).max(3))
          .min(1)
          .max(2)
          .meta({ description: 'Year, month and day as far as known; two of them are the ends of a range.' }),
        circa: z.literal(true).optional().meta({ description: 'There where the date is inferred or approximate.' }),
      })
      .meta({ description: 'When it was published.' }),
    URL: Link.meta({
      description: 'Address of the document; of a figure, with the text fragment that marks its phrase.',
    }),
    genre: Text.optional().meta({ description: 'What kind of document it is.' }),
    language: z.string().max(3).optional().meta({ description: 'Language of the document; BCP 47.' }),
    publisher: Text.optional().meta({ description: 'Of a derived figure: this dataset.' }),
    version: z.string().max(20).optional().meta({ description: 'Of a derived figure: version of the release.' }),
    note: z
      .string()
      .max(1200)
      .optional()
      .meta({ description: 'Of a figure: the phrase that prints it, and where it stands in the text.' }),
    annote: Text.optional().meta({ description: 'How well the date is known.' }),
  })
  .meta({
    id: 'CslItem',
    description: 'A citation as an item of CSL-JSON.',
    examples: citationExamples.document.csl,
  })

/** CSL-JSON, as citation managers read it: an array, here of one item. */
export const CslJson = z.array(CslItem).length(1)
