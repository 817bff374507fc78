/** Where the jobs are. */
export const connection = { url: process.env['REDIS_URL'] ?? 'redis://127.0.0.1:6379' } as const

/** The name of the queue. */
export const queueName = 'invoices'
