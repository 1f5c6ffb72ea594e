/**
 * What of node:http is needed when the service starts. An import would read all that the module exports, among it WebSocket and
 * its like, for which Node then loads its HTTP client.
 */
export const { createServer, STATUS_CODES } = process.getBuiltinModule('node:http')
