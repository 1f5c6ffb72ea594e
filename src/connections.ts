/**
 * How connections end on which there came what is no HTTP, or a request too slowly. What was asked before on the same connection is
 * answered first; and whom Node takes for slow is looked at again, since its clock runs on while the service itself is busy and
 * leaves unread what has long come.
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { connectRefused, refusalOf, type ConnectionError, type Refusal } from './refusals.ts'

/** A connection with what Node keeps of it and has no public name for. */
type Connection = Socket & {
  /** The answer whose turn it is; those to later requests wait for its end. */
  _httpMessage?: ServerResponse | null
  /** What reads it, with the last request whose head has come, until that is read to its end and answered. */
  parser?: { incoming?: IncomingMessage | null } | null
}

/** A connection thought to be slow, and the request that it is slow with, once the head of that has come. */
type Suspicion = { request: IncomingMessage | undefined }

type Options = {
  /** How long a request may take to arrive, in milliseconds, as Node's server is told. */
  requestTimeout: number
  /** How long a client may take nothing of what it asked for, in milliseconds. */
  standstill: number
  /** How long a connection is kept that asks for nothing more, in milliseconds. */
  idle: number
  /** Goes before the address of a problem's kind. */
  base: string
  /** Hears of what a connection was told. */
  refused: (refusal: Refusal) => void
}

export type Connections = {
  /** Takes the errors that Node's server has with a connection, as its `clientError` event has them. */
  onError: (error: ConnectionError, socket: Socket) => void
  /**
   * Has a server lose no answer when it closes a connection, answer clients that have closed their side, let go of those that take
   * nothing of their answer or ask for nothing more, and by `closeIdleConnections` refuse those, too, that are in the middle of a
   * request: it is waited for no longer.
   */
  seeTo: (server: Server) => void
  /** To be called with each request whose head has come. */
  note: (request: IncomingMessage) => void
}

/** What keeps an eye on the connections of one server. */
export function openConnections({ requestTimeout, standstill, idle, base, refused }: Options): Connections {
  /** How long whoever seems slow is given once the service has time for it: its bytes may be on their way. */
  const grace = requestTimeout / 10
  /** How long a connection stays after its last word, so that the client can read it: to close while more comes takes it back. */
  const linger = requestTimeout / 5
  const watched = new Map<Socket, Suspicion | 'over'>()

  function watch(socket: Socket, as: Suspicion | 'over'): void {
    if (!watched.has(socket)) socket.once('close', forget)
    watched.set(socket, as)
  }

  function forget(this: Socket): void {
    watched.delete(this)
    this.off('close', forget)
  }

  /**
   * Refuses a connection that brings no whole request though it could, which shows only when nothing is owed any more: until then
   * Node may have stopped reading it. Node looks after it no longer, so that this must come to an end by itself.
   */
  function suspect(socket: Connection): void {
    const suspicion: Suspicion = { request: unfinishedOf(socket) }
    watch(socket, suspicion)
    const judge = () => {
      if (watched.get(socket) !== suspicion) return
      if (suspicion.request?.complete === true) forget.call(socket)
      else refuse(socket, tooSlow, suspicion.request)
    }
    whenNothingIsOwed(socket, () => {
      setTimeout(() => {
        afterReading(() => {
          whenNothingIsOwed(socket, judge)
        })
      }, grace).unref()
    })
  }

  /** Whether a connection is at its end, seen to already, or has an answer to bring. */
  const isBusy = (socket: Connection) => socket.destroyed || watched.has(socket) || owedBy(socket) !== undefined

  /** Says the last word on a connection, but for a request that has had its answer before it was read to its end. */
  function refuse(socket: Connection, error: ConnectionError, request: IncomingMessage | undefined): void {
    const isAnswered = request !== undefined && socket._httpMessage?.req !== request
    if (socket.writable && !isAnswered) {
      const { status, id, bytes } = refusalOf(error, base)
      socket.end(bytes)
      refused({ status, id, socket })
    }
    letGo(socket)
  }

  /**
   * Closes a connection on which all is said, as RFC 9112, section 9.6 has it: the client may read on what was sent, while what it
   * sends still is read and dropped. To close while something is unread would make the system take back what is under way.
   */
  function letGo(socket: Socket): void {
    if (socket.destroyed) return
    watch(socket, 'over')
    socket.end()
    // Whoever reads it takes it from the parser, and from Node's pause while answers wait.
    socket.removeAllListeners('data').on('data', drop).resume()
    const wait = () => {
      const end = setTimeout(() => socket.destroy(), linger).unref()
      socket.once('close', () => {
        clearTimeout(end)
      })
    }
    if (socket.writableFinished) wait()
    else socket.once('finish', wait)
  }

  /** Enters a new connection among those that are open. */
  function enter(socket: Connection, open: Open): void {
    const listeners = ofNode.map((event) => [event, socket.listeners(event) as Listener[]] as const)
    open.set(socket, { passed: 0, since: performance.now(), listeners })
    socket.once('close', () => open.delete(socket))
    // By this Node ends a connection after its last answer.
    socket.destroySoon = () => {
      letGo(socket)
    }
  }

  /**
   * Looks at what is open, every now and then: timers of their own, as Node's server sets them, would be set, put off and taken away
   * with each request.
   */
  function look(open: Open): void {
    const now = performance.now()
    for (const [socket, seen] of open) {
      timeStandstill(socket)
      if (!isIdle(socket, seen)) Object.assign(seen, { passed: bytesOver(socket), since: now })
      else if (now - seen.since >= idle) {
        afterReading(() => {
          if (isIdle(socket, seen)) letGo(socket)
        })
      }
    }
  }

  /**
   * Has Node end a connection whose client takes nothing of its answer for too long. Only while there is an answer to take: Node starts
   * the time anew whenever some of it is taken.
   */
  function timeStandstill(socket: Connection): void {
    if (socket.writableLength > 0 && socket.timeout !== standstill) socket.setTimeout(standstill)
    if (socket.writableLength === 0 && socket.timeout === standstill) socket.setTimeout(0)
  }

  const isIdle = (socket: Connection, { passed }: Seen) => bytesOver(socket) === passed && !isBusy(socket)

  /**
   * Refuses CONNECT, once all is answered that was asked before on the connection: where nobody listens for CONNECT, Node closes the
   * connection without a word. Before it tells of one, Node takes its own listeners off the connection, without which long answers
   * would not go on: they are put back.
   */
  function refuseTunnel(url: string, socket: Connection, before: Seen['listeners']): void {
    socket.on('error', drop)
    for (const [event, listeners] of before) {
      for (const listener of listeners) {
        if (!socket.listeners(event).includes(listener)) socket.on(event, listener)
      }
    }
    whenNothingIsOwed(socket, () => {
      const { status, id, bytes } = refusalOf(connectRefused, base)
      socket.end(bytes)
      refused({ status, id, method: 'CONNECT', url, socket })
      letGo(socket)
    })
  }

  return {
    onError(error, socket) {
      if (watched.get(socket) === 'over') return
      if (error.code === 'ECONNRESET' || socket.destroyed) socket.destroy()
      else if (error.code === tooSlow.code) suspect(socket)
      else {
        watch(socket, 'over')
        const request = unfinishedOf(socket)
        whenNothingIsOwed(socket, () => {
          refuse(socket, error, request)
        })
      }
    },
    seeTo(server) {
      // A client that has asked for all it wants may close its side and still read: without this, Node would end the connection then.
      Object.assign(server, { httpAllowHalfOpen: true })
      const open: Open = new Map()
      server.on('connection', (socket) => {
        enter(socket, open)
      })
      server.once('listening', () => {
        const looks = setInterval(look, Math.min(standstill, idle) / 10, open).unref()
        server.once('close', () => {
          clearInterval(looks)
        })
      })
      server.on('connect', ({ url = '', socket }) => {
        refuseTunnel(url, socket, open.get(socket)?.listeners ?? [])
      })
      const closeIdle = server.closeIdleConnections.bind(server)
      server.closeIdleConnections = () => {
        afterReading(() => {
          closeIdle()
          for (const socket of open.keys()) {
            if (!isBusy(socket)) suspect(socket)
          }
        })
      }
    },
    note(request) {
      if (watched.size === 0) return
      const known = watched.get(request.socket)
      if (known !== undefined && known !== 'over') known.request ??= request
    },
  }
}

const drop = () => undefined

/** How many bytes have gone over a connection, both ways. */
const bytesOver = ({ bytesRead, bytesWritten }: Socket) => bytesRead + bytesWritten

/** The connections of a server that are open. */
type Open = Map<Connection, Seen>

/** What an open connection was like when it was last seen to be used. */
type Seen = {
  /** How many bytes had gone over it. */
  passed: number
  /** When that was first seen, as of `performance.now`. */
  since: number
  /** What Node does about answers on it. */
  listeners: readonly (readonly [event: string, Listener[]])[]
}
type Listener = (...passed: unknown[]) => void

/** The events of a connection at which Node sees to its answers: that it takes more, stands still, or is gone. */
const ofNode = ['drain', 'timeout', 'close']

const tooSlow: ConnectionError = { code: 'ERR_HTTP_REQUEST_TIMEOUT' }

/** The request on a connection whose head has come, but not all of its body. */
function unfinishedOf({ parser }: Connection): IncomingMessage | undefined {
  const incoming = parser?.incoming
  return incoming?.complete === false ? incoming : undefined
}

/** The answer that is to go over a connection before anything else does: one that has begun, or to a request that is whole. */
function owedBy({ destroyed, _httpMessage: answer }: Connection): ServerResponse | undefined {
  const isOwed = !destroyed && answer != null && (answer.req.complete || answer.headersSent)
  return isOwed ? answer : undefined
}

/** Calls back once all answers that are owed on a connection have gone over it, or never, where it closes before. */
function whenNothingIsOwed(socket: Connection, then: () => void): void {
  const answer = owedBy(socket)
  if (answer !== undefined) {
    answer.once('close', () => {
      whenNothingIsOwed(socket, then)
    })
  } else if (!socket.destroyed) then()
}

/**
 * Calls back once all has been read that has come by now. In a turn of the event loop timers come first, then what is to be read, then
 * this; twice, since this turn may have read already.
 */
function afterReading(then: () => void): void {
  setImmediate(() => {
    setImmediate(then)
  })
}
