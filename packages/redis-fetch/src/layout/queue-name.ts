/** Throws a TypeError for what is no queue's name. */
export function checkQueueName(name: unknown): string {
  if (typeof name === 'string' && /^[A-Za-z0-9_.:-]{1,128}$/.test(name)) return name
  throw new TypeError(
    `Expected a queue's name to be 1 to 128 letters, digits or _ . : -, got ${JSON.stringify(name)}`,
  )
}

/** Throws a TypeError for what is no job's name. */
export function checkJobName(name: unknown): string {
  if (typeof name === 'string' && name !== '' && name.length <= 256) return name
  throw new TypeError(
    `Expected a job's name to be 1 to 256 characters, got ${JSON.stringify(name)}`,
  )
}

/** Throws a TypeError for what is no job's id. */
export function checkId(id: unknown): string {
  if (typeof id === 'string' && /^[A-Za-z0-9_.:-]{1,128}$/.test(id)) return id
  throw new TypeError(
    `Expected \`id\` to be 1 to 128 letters, digits or _ . : -, got ${JSON.stringify(id)}`,
  )
}

/** Throws a TypeError for what is no key prefix: braces decide about the slot of a Cluster. */
export function checkPrefix(prefix: unknown): string {
  if (typeof prefix === 'string' && /^[A-Za-z0-9_.:-]{0,64}$/.test(prefix)) return prefix
  throw new TypeError(
    `Expected \`prefix\` to be at most 64 letters, digits or _ . : -, got ${JSON.stringify(prefix)}`,
  )
}
