/** How often a manager has read its files again, by the words of its journal (`--output=cat`). */
export function countReloads(text: string): number {
  return text.split('\n').filter((line) => /^Reloading\.+$/.test(line)).length
}
