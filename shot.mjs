import { chromium } from 'playwright-core'
const b = await chromium.launch({executablePath:'/usr/bin/chromium',args:['--no-sandbox','--disable-gpu','--disable-quic','--no-first-run','--disable-background-networking','--disable-component-update','--disable-sync']})
const pages = {home:'/',metric:'/metrics/coca-eradication',doc:'/documents/inl-colombia-summary-2021',fig:'/figures/inl-2021-coca-eradication-2020',der:'/figures/derived-coca-eradication-change-2019-2020',explore:'/explore?metric=coca-eradication',fault:'/explore?metirc=coca-eradication&measure=levle',missing:'/coca-cultivaton', docs:'/docs'}
const want = process.argv.slice(2)
for (const [n,u] of Object.entries(pages)) for (const [v,w,h,c] of [['d',1280,900,'light'],['k',1280,900,'dark'],['p',390,844,'light'],['q',390,844,'dark']]) {
  if (want.length && !want.includes(n+v) && !want.includes(n)) continue
  const p = await b.newPage({viewport:{width:w,height:h},colorScheme:c})
  p.on('console',m=>m.type()==='error'&&console.log(n,v,m.text())); p.on('pageerror',e=>console.log(n,v,e.message))
  await p.goto('http://127.0.0.1:38331'+u, {waitUntil: n === 'docs' ? 'networkidle':'load'})
  const over = await p.evaluate('document.documentElement.scrollWidth - innerWidth')
  if (over>0) console.log('overflow',n,v,over)
  await p.screenshot({path:`/tmp/h3/shots/${n}-${v}.png`,fullPage:true}); await p.close()
}
await b.close()
