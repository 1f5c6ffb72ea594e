/** The bare server that everything is held against: node:http, which writes one constant body of 22 KB. */
import { createServer } from 'node:http'

const body = Buffer.alloc(22 * 1024, 'x')
const headers = { 'Content-Type': 'application/json; charset=utf-8', 'Content-Length': body.length }

createServer((_request, response) => {
  response.writeHead(200, headers)
  response.end(body)
}).listen(Number(process.env['PORT']), '127.0.0.1')
