/** A line ends with a line feed, a carriage return, both in any order, or a NUL. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const END = /(?:\n\r?|\r\n?)\u0000?|\u0000/

/** The lines of a file as systemd counts them; every character is a byte. */
export function physicalLines(bytes: Uint8Array): readonly string[] {
  const lines = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .split(END)
  // What ends with an end has no line after it.
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines
}
