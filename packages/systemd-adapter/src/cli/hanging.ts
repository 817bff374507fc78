/** A label and a text beside it, broken at blanks to what fits into `width`, with every line indented. */
export function hanging(label: string, text: string, width: number): string {
  const indent = ' '.repeat(label.length)
  const room = Math.max(20, width - label.length)
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1) ?? ''
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= room) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines.map((line, index) => `${index === 0 ? label : indent}${line}\n`).join('')
}
