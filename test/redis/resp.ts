/** An error that the server replied. */
export class RedisError extends Error {
  override readonly name = 'RedisError'

  /** Its first word, as `WRONGTYPE`. */
  get code(): string {
    return this.message.split(' ', 1)[0] ?? ''
  }
}

/** A reply: text and binary alike as bytes, nested as arrays; an error inside an array is a value. */
export type RawReply = Buffer | number | null | RedisError | RawReply[]

/** An argument of a command; text is sent as UTF-8. */
export type RawArgument = string | Buffer | number

/** A value and the bytes that it was read from. */
export interface Frame {
  readonly value: RawReply
  readonly bytes: Buffer
  /** True for what the server says unasked, which only version 3 of the protocol marks. */
  readonly push: boolean
}

/** A command as the server reads it. */
export function encodeCommand(args: readonly RawArgument[]): Buffer {
  const parts: Buffer[] = [Buffer.from(`*${args.length}\r\n`)]
  for (const arg of args) {
    const bytes = Buffer.isBuffer(arg) ? arg : Buffer.from(String(arg))
    parts.push(Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n'))
  }
  return Buffer.concat(parts)
}

/**
 * Cuts a stream of the Redis protocol, of either direction and version 2 or 3, into whole frames: each
 * call takes the next bytes, and gives the frames that they complete. Throws at any other protocol.
 */
export function frameReader(): (chunk: Buffer) => Frame[] {
  let pending: Buffer = Buffer.alloc(0)
  return (chunk) => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    const frames: Frame[] = []
    let start = 0
    for (let read = readAt(pending, start); read !== undefined; read = readAt(pending, start)) {
      const bytes = pending.subarray(start, read.end)
      frames.push({ value: read.value, bytes, push: pending[start] === 0x3e })
      start = read.end
    }
    pending = pending.subarray(start)
    return frames
  }
}

interface Read {
  readonly value: RawReply
  readonly end: number
}

/** Reads the value that starts there; undefined when its end has not arrived. */
function readAt(buffer: Buffer, start: number): Read | undefined {
  if (start >= buffer.length) return undefined
  const type = String.fromCharCode(buffer[start]!)
  if (!'+-:$*_#,(!=%~>|'.includes(type)) throw new Error(`not the Redis protocol: "${type}"`)
  const lineEnd = buffer.indexOf('\r\n', start)
  if (lineEnd === -1) return undefined
  const line = buffer.subarray(start + 1, lineEnd)
  const next = lineEnd + 2
  switch (type) {
    case '-':
      return { value: new RedisError(line.toString()), end: next }
    case ':':
      return { value: Number(line.toString()), end: next }
    case '#':
      return { value: line.toString() === 't' ? 1 : 0, end: next }
    case '_':
      return { value: null, end: next }
    case '$':
    case '!':
    case '=':
      return readBulk(buffer, type, Number(line.toString()), next)
    case '*':
    case '~':
    case '>':
      return readItems(buffer, Number(line.toString()), next)
    case '%':
      return readItems(buffer, Number(line.toString()) * 2, next)
    case '|': {
      // Attributes come before the value that they belong to.
      const attributes = readItems(buffer, Number(line.toString()) * 2, next)
      return attributes && readAt(buffer, attributes.end)
    }
    default:
      return { value: line, end: next }
  }
}

function readBulk(buffer: Buffer, type: string, length: number, start: number): Read | undefined {
  if (length < 0) return { value: null, end: start }
  const end = start + length
  if (buffer.length < end + 2) return undefined
  const bytes = buffer.subarray(start, end)
  const value = type === '!' ? new RedisError(bytes.toString()) : bytes
  // A verbatim string begins with its format, as `txt:`.
  return { value: type === '=' ? bytes.subarray(4) : value, end: end + 2 }
}

function readItems(buffer: Buffer, count: number, start: number): Read | undefined {
  if (count < 0) return { value: null, end: start }
  const items: RawReply[] = []
  let end = start
  for (let index = 0; index < count; index++) {
    const item = readAt(buffer, end)
    if (item === undefined) return undefined
    items.push(item.value)
    end = item.end
  }
  return { value: items, end }
}
