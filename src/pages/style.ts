/** The one style sheet of the pages; it stands in each page, so that no page asks for anything else to be readable. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fdfcf9; --panel: #f5f3ed; --ink: #1c1e20; --soft: #575c61; --line: #dcd8cd; --strong: #8b877c;
  --accent: #0b5566; --on-accent: #fdfcf9; --mark: #ffe7a0; --warn: #8a2f10;
  --serif: "Iowan Old Style", "Palatino Linotype", Palatino, P052, Charter, Georgia, "DejaVu Serif", serif;
  --sans: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font: 100%/1.55 var(--sans);
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #121416; --panel: #1a1d20; --ink: #e9e6df; --soft: #a6a9ab; --line: #32363a; --strong: #777b7f;
    --accent: #86cbd9; --on-accent: #0b1a1e; --mark: #5d4b10; --warn: #f2a183;
  }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth } }
*, ::before, ::after { box-sizing: border-box }
html { scroll-padding-top: 1rem; text-size-adjust: 100%; -webkit-text-size-adjust: 100% }
body { margin: 0; background: var(--paper); color: var(--ink); overflow-wrap: break-word }
.wide { width: min(74rem, 100% - 2.5rem); margin-inline: auto }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .18em }
a:hover { text-decoration-thickness: 2px }
a:has(> code) { text-underline-offset: .35em }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; border-radius: 2px }
main:focus { outline: none }
.amount a, h3 a { text-decoration-color: var(--strong) }
h1, h2, h3, .amount, blockquote, .phrase, .number { font-family: var(--serif); font-weight: 500; text-wrap: balance }
h1 { font-size: clamp(2rem, 1.2rem + 3.4vw, 3.4rem); line-height: 1.1; letter-spacing: -.015em; margin: 0 0 1rem }
h2 { font-size: clamp(1.45rem, 1.2rem + 1vw, 1.9rem); line-height: 1.2; margin: 0 0 .4rem }
h3 { font-size: 1.15rem; line-height: 1.3; margin: 0 }
p { margin: 0 0 1rem; max-width: 44rem }
.lead { font-size: 1.2rem; line-height: 1.5; color: var(--soft) }
.soft, small { color: var(--soft); font-size: .9rem }
.kicker { font-size: .8rem; letter-spacing: .08em; text-transform: uppercase; color: var(--soft); margin: 0 0 .6rem }
section { padding-block: 2.75rem 0 }
h2 + p { color: var(--soft) }
.facts + p { margin-top: 1rem }
mark { background: var(--mark); color: inherit; padding: .08em .12em; box-decoration-break: clone; -webkit-box-decoration-break: clone }
code, pre { font: .86em/1.5 var(--mono) }
.skip { position: absolute; left: 1rem; top: -4rem; background: var(--accent); color: var(--on-accent); padding: .6rem 1rem; z-index: 1 }
.skip:focus { top: .5rem }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap }

.top { border-bottom: 1px solid var(--line) }
.top > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: .4rem 2.5rem; padding-block: .9rem }
.name { font-family: var(--serif); font-size: 1.1rem; color: var(--ink); text-decoration: none; white-space: nowrap }
.name svg { width: 1.05em; height: 1.05em; vertical-align: -.15em; margin-right: .4em; color: var(--accent) }
nav ul { list-style: none; display: flex; flex-wrap: wrap; gap: .25rem 1.4rem; margin: 0; padding: 0 }
nav a { color: var(--ink); text-decoration: none; display: inline-block; padding-block: .25rem }
nav a:hover, nav a[aria-current] { text-decoration: underline; text-decoration-color: var(--accent); text-decoration-thickness: 2px }
.trail { font-size: .9rem; margin: 0; padding-top: 1.6rem; max-width: none; color: var(--soft) }
.page-head { padding-top: 1.2rem }
.wide > .page-head:first-child { padding-top: 2.2rem }
.narrow-title { font-size: clamp(1.6rem, 1.2rem + 1.6vw, 2.3rem); margin: 0 }
.asked { padding-top: 0 } .asked .row { margin-top: .4rem }
.bottom { margin-top: 4rem; border-top: 1px solid var(--line); padding-block: 1.5rem 3rem; font-size: .9rem; color: var(--soft) }
.bottom p { max-width: 60rem; margin-bottom: .5rem }
.bottom code { overflow-wrap: anywhere }

.hero { display: grid; gap: 2.5rem 4rem; grid-template-columns: minmax(0, 6fr) minmax(0, 5fr); align-items: center; padding-block: clamp(2rem, 5vw, 4.5rem) 1rem }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: .75rem; margin-top: 1.5rem }
.button, button { font: inherit; font-size: .95rem; display: inline-block; padding: .5rem 1.05rem; border: 1px solid var(--accent); border-radius: 3px; background: transparent; color: var(--accent); text-decoration: none; cursor: pointer; min-height: 2.6rem }
.button.first, button.first { background: var(--accent); color: var(--on-accent) }
.button:hover, button:hover { text-decoration: underline }
.specimen { border-left: 3px solid var(--accent); padding-left: clamp(1rem, 2.5vw, 2rem) }
.specimen .phrase { font-size: clamp(1.2rem, 1rem + 1vw, 1.55rem); line-height: 1.45; margin: 0 0 1.2rem }
.specimen .amount { font-size: clamp(1.5rem, 1.2rem + 1.5vw, 2.1rem); line-height: 1.15; margin: 0 0 .8rem }
.facts { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem 1.25rem; margin: 0; font-size: .95rem }
.facts dt { color: var(--soft) } .facts dd { margin: 0 }
.numbers { list-style: none; display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: 1.25rem 2rem; margin: 2rem 0 0; padding: 1.5rem 0; border-block: 1px solid var(--line) }
.numbers .number { display: inline-block; text-decoration: none; font-size: 2.3rem; line-height: 1.1; font-variant-numeric: lining-nums }
.numbers .number:hover { text-decoration: underline }
.numbers span { display: block; color: var(--soft); font-size: .95rem }

.topic { font-size: 1rem; font-family: var(--sans); font-weight: 600; margin: 2rem 0 .8rem }
.cards { list-style: none; margin: 0; padding: 0; display: grid; grid-template-columns: repeat(auto-fill, minmax(min(17rem, 100%), 1fr)); gap: 0 2rem }
.cards > li { position: relative; border-top: 1px solid var(--line); padding: .9rem 0 1.3rem; display: flex; flex-direction: column; gap: .3rem }
.cards h4 { font: 500 1.1rem/1.3 var(--serif); margin: 0 }
.cards h4 a { text-decoration: none; color: var(--ink) }
.cards h4 a::after { content: ""; position: absolute; inset: 0 }
.cards li:hover h4 a { text-decoration: underline; text-decoration-color: var(--accent) }
.cards p { margin: 0; font-size: .95rem }
.cards img { max-width: 100%; height: auto; margin-top: auto; align-self: start }

.chart { margin: 1.5rem 0 0 }
.chart img { display: block; max-width: 100%; height: auto }
figcaption { color: var(--soft); font-size: .9rem; margin-top: .5rem }

.pairs { display: grid; gap: 2.25rem; margin-top: 1.5rem }
.pair { border-top: 2px solid var(--ink); padding-top: .8rem }
.pair > header { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; justify-content: space-between; align-items: baseline; margin-bottom: 1.1rem }
.pair > header p { margin: .1rem 0 0 }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem 3rem }
.side .amount { font-size: 1.3rem; line-height: 1.25; margin: 0 0 .35rem }
.side p { margin: 0 0 .3rem }
.side .phrase { font-size: 1rem }
.pair .verdict { margin: 1.1rem 0 0; max-width: 52rem } .pair .verdict:empty { display: none }

.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; margin-top: 1rem }
.stack { table-layout: fixed } .stack col:first-child { width: 42% } .stack col:nth-child(2) { width: 10rem }
.columns { table-layout: fixed; font-size: .85rem } .columns td { overflow-wrap: anywhere } .columns .count { white-space: nowrap }
.columns .short { width: calc(8ch + 1.5rem) } .columns .medium { width: calc(12ch + 1.5rem) } .columns .long { width: calc(20ch + 1.5rem) } .columns .longest { width: calc(26ch + 1.5rem) }
caption { text-align: left; color: var(--soft); font-size: .9rem; padding-bottom: .5rem }
th { text-align: left; font-weight: 600; font-size: .85rem; color: var(--soft); border-bottom: 1px solid var(--strong) }
th, td { vertical-align: top; padding: .7rem 1.5rem .7rem 0 }
th:last-child, td:last-child { padding-right: 0 }
td { border-bottom: 1px solid var(--line) }
td .amount { font-size: 1.1rem; line-height: 1.3 }
td p { margin: 0 } td p + p { margin-top: .2rem }
.count { text-align: right; font-variant-numeric: tabular-nums }
.phrase a { color: inherit; text-decoration: none }
.phrase a:hover { text-decoration: underline; text-decoration-color: var(--accent) }
.plain { list-style: none; margin: 0; padding: 0 }
.rows > li { border-top: 1px solid var(--line); padding: .8rem 0 }
.scopes { display: grid; grid-template-columns: minmax(9rem, max-content) minmax(0, 1fr) max-content; gap: .5rem 2rem; margin: 1rem 0 0; align-items: baseline }
.scopes > div { display: contents }
.scopes dt { font-weight: 600 } .scopes dd { margin: 0 }

.evidence { margin: 1rem 0 0; max-width: 50rem }
.evidence blockquote { font-size: clamp(1.3rem, 1.1rem + 1.1vw, 1.8rem); line-height: 1.4; margin: 0 }
.lineage { list-style: none; margin: 1.2rem 0 0; padding: 0; display: flex; flex-wrap: wrap; align-items: stretch; gap: 1rem 3rem }
.lineage > li { flex: 1 1 14rem; display: flex; flex-direction: column; gap: .6rem; justify-content: center; position: relative }
.lineage > li + li::before { content: "→"; content: "→" / ""; position: absolute; left: -2.2rem; top: calc(50% - .8rem); color: var(--strong); font-size: 1.3rem }
.box { border: 1px solid var(--strong); border-radius: 4px; padding: .7rem .9rem; background: var(--panel) }
.box.self { border: 2px solid var(--accent); background: transparent }
.box.method { border-style: dashed; background: transparent }
.box p { margin: 0; font-size: .9rem } .box .amount { font-size: 1.1rem; line-height: 1.3 }

.code { position: relative; margin: 1rem 0 0 }
.code h3 { font: 600 .95rem/1.5 var(--sans); margin-bottom: .3rem }
pre { margin: 0; max-width: 100%; padding: .9rem 1rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; overflow-x: auto }
.copy { position: absolute; right: 0; top: -.5rem; padding: .1rem .7rem; min-height: 1.9rem; font-size: .85rem; border-color: var(--strong); color: var(--ink); background: var(--paper) }
.columns { columns: 2 22rem; column-gap: 3rem } .columns > * { break-inside: avoid }
.prose + p { margin-top: .6rem } .prose pre { white-space: pre-wrap; font: 1rem/1.5 var(--serif); overflow-wrap: anywhere } .prose code { font: inherit }
.languages { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem 2.5rem }
.languages > * { min-width: 0 }

.explore { display: grid; grid-template-columns: minmax(15rem, 19rem) minmax(0, 1fr); gap: 2rem 3.5rem; align-items: start; padding-top: 1.5rem }
form p { margin: 0 0 .9rem; max-width: none }
label { display: block; font-size: .9rem; font-weight: 600; margin-bottom: .2rem; padding: 0 }
.two { display: grid; grid-template-columns: 1fr 1fr; gap: 0 .8rem }
input, select { font: inherit; font-size: .95rem; width: 100%; padding: .45rem .55rem; min-height: 2.5rem; color: var(--ink); background: var(--paper); border: 1px solid var(--strong); border-radius: 3px }
[aria-invalid] { border: 2px solid var(--warn) }
details { margin: 0 0 .9rem; border-top: 1px solid var(--line) }
summary { cursor: pointer; padding: .6rem 0; font-weight: 600; font-size: .95rem }
.faults { border-left: 4px solid var(--warn); padding: .2rem 0 .2rem 1rem; margin: 1.2rem 0 0 }
.faults ul { padding-left: 1.1rem; margin: .4rem 0 0 }
.fault { color: var(--warn); font-size: .9rem; margin: .2rem 0 0 }
.address { display: block; padding: .6rem .8rem; background: var(--panel); border: 1px solid var(--line); border-radius: 4px; overflow-wrap: anywhere; margin-bottom: .6rem }
.row { display: flex; flex-wrap: wrap; gap: .4rem 1.4rem; align-items: baseline }
.row p { margin: 0 }
.bars { list-style: none; margin: .8rem 0 0; padding: 0; display: grid; gap: .15rem; max-width: 34rem }
.bars li { display: grid; grid-template-columns: minmax(4rem, max-content) minmax(0, 1fr) 2.5rem; gap: .8rem; align-items: center; font-size: .9rem; font-variant-numeric: tabular-nums }
.bars svg { width: 100%; height: .7rem; display: block } .bars rect { fill: var(--accent) }
.search { display: flex; align-items: end; gap: .6rem; max-width: 32rem; margin: 1.2rem 0 } .search label { flex: 1 } .search button { flex: none } label input { font-weight: 400; margin-top: .2rem }
dl.problems div { padding-top: .8rem } dl.problems dt { font-weight: 600 } dl.problems dd { margin: 0; max-width: 44rem }

@media (max-width: 64rem) {
  .hero, .explore { grid-template-columns: minmax(0, 1fr) }
  .explore form, .fields { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(15rem, 100%), 1fr)); gap: 0 1.5rem }
  .explore details { grid-column: 1 / -1 }
}
@media (max-width: 48rem) {
  .top nav { flex-basis: 100% } nav ul { gap: .1rem 1rem } nav a { font-size: .95rem }
  .sides { grid-template-columns: minmax(0, 1fr) }
  .hero { gap: 2rem }
  .sides { gap: 1.4rem }
  .scopes { grid-template-columns: minmax(0, 1fr) max-content; gap: .2rem 1rem } .scopes dd:first-of-type { grid-row: auto; grid-column: 1 / -1; order: 1 } .scopes > div { display: flex; flex-wrap: wrap; justify-content: space-between; grid-column: 1 / -1; padding-bottom: .6rem } .scopes dd:first-of-type { flex-basis: 100% }
  .lineage { flex-direction: column; gap: 2.4rem } .lineage > li { flex-basis: auto } .lineage > li + li::before { content: "↓"; content: "↓" / ""; left: 1rem; top: -2.1rem }
  table.stack, .stack tbody, .stack tr, .stack td { display: block; padding: 0 }
  .stack thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; white-space: nowrap }
  .stack caption { display: block }
  .stack tr { border-bottom: 1px solid var(--line); padding: .9rem 0 } .stack td { border: 0; padding: .1rem 0 }
}
@media print {
  :root { --paper: #fff; --panel: #fff; --ink: #000; --soft: #333; --line: #999; --accent: #000; --mark: #eee; font-size: 10pt }
  nav, .skip, .copy, form, .actions, .search { display: none !important }
  .explore, .hero { display: block }
  .pair, .cards li, tr, .box, pre, .code { break-inside: avoid }
  h2, h3, h2 + p { break-after: avoid }
  .button.first { background: none; color: var(--ink) }
  pre { white-space: pre-wrap }
  a.source::after { content: " <" attr(href) ">"; font: 8pt var(--mono); overflow-wrap: anywhere }
  mark { outline: 1px solid #999 }
}
`

/**
 * What the pages do with a script, and do without: buttons that copy a text stand there only where they work, and a form
 * leaves its empty fields out of the address.
 */
export const script = `
for (const block of document.querySelectorAll('[data-copy]')) {
  if (!navigator.clipboard) break
  const button = document.createElement('button')
  const text = block.querySelector('[data-text]')
  button.type = 'button'
  button.className = 'copy'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', 'Copy ' + block.dataset.copy)
  const status = document.createElement('span')
  status.className = 'hidden'
  status.setAttribute('role', 'status')
  button.addEventListener('click', async () => {
    try {
      await navigator.clipboard.writeText(text.textContent)
      button.textContent = status.textContent = 'Copied'
    } catch {
      button.textContent = status.textContent = 'Not copied'
    }
    setTimeout(() => { button.textContent = 'Copy'; status.textContent = '' }, 2000)
  })
  block.append(button, status)
}
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', () => {
    for (const field of form.elements) field.disabled ||= field.name !== '' && field.value === ''
  })
  addEventListener('pageshow', () => { for (const field of form.elements) field.disabled = false })
}
`
