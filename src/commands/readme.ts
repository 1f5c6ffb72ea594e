/** npm run readme: asks the README's examples again and writes their answers into it. */
import { readFileSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { withService } from './with-service.ts'

/** An example: a curl command in one block, its answer in the next. */
const example = /(```sh\ncurl 'http:\/\/127\.0\.0\.1:3000([^']*)'\n```\n\n```)\w+\n[\s\S]*?```/g

const path = resolve(import.meta.dirname, '../../README.md')
await withService(async (app) => {
  let readme = readFileSync(path, 'utf8')
  for (const [whole, command = '', url = ''] of readme.matchAll(example)) {
    const { statusCode, headers, body } = await app.inject(url)
    if (statusCode >= 500) throw new Error(`${url}: ${body}`)
    const type = String(headers['content-type'])
    const language = type.includes('json') ? 'json' : type.startsWith('text/csv') ? 'csv' : 'text'
    const answer =
      language === 'json' ? `${JSON.stringify(JSON.parse(body), null, 2)}\n` : body.replaceAll('\r\n', '\n')
    readme = readme.replace(whole, () => `${command}${language}\n${answer}\`\`\``)
  }
  writeFileSync(path, await format(readme, { ...(await resolveConfig(path)), parser: 'markdown' }))
})
console.log(`Wrote ${path}`)
