/** Where one member of an object stands in its text. */
interface Member {
  readonly key: string
  readonly start: number
  readonly valueStart: number
  readonly end: number
}

/**
 * Sets members of the object that `text` is to other JSON, or removes them (undefined). All other
 * characters stay as they are: numbers that no double can hold, the order, spaces, escapes. Of a key
 * that is there twice the last is set, because parsers read that one; all are removed. `text` must be
 * valid JSON. Nests as deep as it likes: nothing here recurses.
 */
export function editMembers(text: string, edits: ReadonlyMap<string, string | undefined>): string {
  const { open, members } = membersOf(text)
  const last = new Map(members.map((member) => [member.key, member]))
  let result = text.slice(0, members[0]?.start ?? open)
  let previousEnd = open
  let some = false
  for (const member of members) {
    const { key, start, valueStart, end } = member
    const separator = text.slice(previousEnd, start)
    previousEnd = end
    if (edits.has(key) && edits.get(key) === undefined) continue
    const value = last.get(key) === member ? edits.get(key) : undefined
    result += `${some ? separator : ''}${text.slice(start, valueStart)}`
    result += value ?? text.slice(valueStart, end)
    some = true
  }
  for (const [key, value] of edits) {
    if (value === undefined || last.has(key)) continue
    result += `${some ? ',' : ''}${JSON.stringify(key)}:${value}`
    some = true
  }
  return result + text.slice(previousEnd)
}

function membersOf(text: string): { readonly open: number; readonly members: readonly Member[] } {
  const open = text.indexOf('{') + 1
  const members: Member[] = []
  let key: string | undefined
  let start = 0
  let valueStart = 0
  let end = open
  for (let depth = 1, offset = skipSpace(text, open); depth > 0; offset = skipSpace(text, end)) {
    // The first character says what a token is; there is none at the end of the text.
    const sign = text[offset]
    if (sign === undefined) break
    const after = tokenEnd(text, offset)
    if (depth === 1) {
      if (sign === ',' || sign === '}') {
        if (key !== undefined) members.push({ key, start, valueStart, end })
        key = undefined
      } else if (key === undefined) {
        key = JSON.parse(text.slice(offset, after)) as string
        start = offset
      } else if (sign !== ':') {
        valueStart = offset
      }
    }
    if (sign === '{' || sign === '[') depth += 1
    if (sign === '}' || sign === ']') depth -= 1
    end = after
  }
  return { open, members }
}

function skipSpace(text: string, offset: number): number {
  let at = offset
  while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1
  return at
}

/** Where the token that begins here ends: a string, a sign, or what stands between signs. */
function tokenEnd(text: string, offset: number): number {
  const sign = text[offset] ?? ''
  if ('{}[],:'.includes(sign)) return offset + 1
  let at = offset + 1
  if (sign !== '"') {
    while (at < text.length && !',]} \n\r\t'.includes(text[at] ?? '')) at += 1
    return at
  }
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}
