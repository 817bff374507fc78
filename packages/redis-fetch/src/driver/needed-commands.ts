/** A command that this package sends, in the words of ACL rules. */
export interface NeededCommand {
  /** `lmove`, or `script|load` for a subcommand. */
  readonly name: string
  /** What it is for. */
  readonly why: string
  /** Arguments with which it could be sent; `KEY` stands for a key. */
  readonly sample: string
  /** What is lost where it is forbidden. Nothing works without a command that does not say so. */
  readonly without?: string
  /** Where else it is not sent. */
  readonly only?: 'sidekiq' | 'cluster'
  /** The channel that it needs, as ACL rules have it. */
  readonly channel?: string
  /** It would change the connection that sends it. */
  readonly stateful?: true
}

/** All commands that this package sends, by itself or in its scripts. */
export const NEEDED_COMMANDS: readonly NeededCommand[] = [
  { name: 'lmove', why: 'claims jobs', sample: 'KEY KEY RIGHT LEFT' },
  { name: 'lpush', why: 'enqueues jobs', sample: 'KEY x' },
  { name: 'rpush', why: 'puts jobs back in front', sample: 'KEY x' },
  { name: 'lrem', why: 'acknowledges jobs', sample: 'KEY 1 x' },
  { name: 'llen', why: 'counts jobs', sample: 'KEY' },
  { name: 'lrange', why: 'reads what a worker holds', sample: 'KEY 0 0' },
  { name: 'lpos', why: 'finds a job before it is moved', sample: 'KEY x' },
  { name: 'lindex', why: 'looks at the next job', sample: 'KEY 0' },
  { name: 'zadd', why: 'keeps delayed jobs, leases and permits', sample: 'KEY 0 x' },
  { name: 'zrem', why: 'takes due jobs, gives permits back', sample: 'KEY x' },
  { name: 'zrange', why: 'reads leases and permits', sample: 'KEY 0 0' },
  { name: 'zrangebyscore', why: 'finds what is due', sample: 'KEY 0 0' },
  { name: 'zscore', why: 'reads one lease or permit', sample: 'KEY x' },
  { name: 'zcard', why: 'counts delayed jobs and permits', sample: 'KEY' },
  { name: 'zremrangebyrank', why: 'forgets the oldest dead jobs', sample: 'KEY 0 0' },
  { name: 'zremrangebyscore', why: 'drops permits that have lapsed', sample: 'KEY 0 0' },
  { name: 'bzpopmin', why: 'waits for jobs', sample: 'KEY 1' },
  { name: 'zpopmin', why: 'hears of jobs that must run alone', sample: 'KEY' },
  { name: 'set', why: 'elects the keeper, reserves ids', sample: 'KEY x' },
  { name: 'get', why: 'reads who the keeper is', sample: 'KEY' },
  { name: 'del', why: 'removes what is done with', sample: 'KEY' },
  { name: 'exists', why: 'looks for fences', sample: 'KEY' },
  { name: 'expire', why: 'lets what is left behind lapse', sample: 'KEY 1' },
  { name: 'pexpire', why: 'lets fences and permits lapse', sample: 'KEY 1' },
  { name: 'persist', why: 'moves jobs while the server is at its memory limit', sample: 'KEY' },
  { name: 'rename', why: 'takes a list away from a dead worker', sample: 'KEY KEY' },
  { name: 'renamenx', why: 'the same, once', sample: 'KEY KEY' },
  { name: 'type', why: 'tells lists from tombs', sample: 'KEY' },
  { name: 'hset', why: 'registers workers', sample: 'KEY f x' },
  { name: 'hget', why: 'reads about a worker', sample: 'KEY f' },
  { name: 'hgetall', why: 'reads about a worker', sample: 'KEY' },
  { name: 'hdel', why: 'forgets a worker', sample: 'KEY f' },
  { name: 'hsetnx', why: 'notes what counts the first time only', sample: 'KEY f x' },
  { name: 'sadd', why: 'notes that a queue exists', sample: 'KEY x' },
  { name: 'smembers', why: 'lists queues', sample: 'KEY' },
  { name: 'srem', why: 'forgets a queue', sample: 'KEY x' },
  { name: 'time', why: 'tells when leases end', sample: '' },
  { name: 'evalsha', why: 'runs scripts', sample: 'x 1 KEY' },
  { name: 'eval', why: 'runs scripts that the server has forgotten', sample: 'x 1 KEY' },
  {
    name: 'script|load',
    why: 'loads scripts beforehand',
    sample: 'x',
    without: 'each script is sent whole the first time',
  },
  {
    name: 'lmovem',
    why: 'claims several jobs at once, where the server has it',
    sample: 'KEY KEY RIGHT LEFT COUNT 1 OBO',
    without: 'jobs are claimed by a script',
  },
  { name: 'ping', why: 'asks whether the server answers', sample: '' },
  { name: 'hello', why: 'greets the server', sample: '', stateful: true },
  { name: 'auth', why: 'gives credentials', sample: 'x', stateful: true },
  {
    name: 'select',
    why: 'chooses the database',
    sample: '0',
    without: 'no database but 0 can be used',
    stateful: true,
  },
  {
    name: 'info',
    why: 'tells version, role and eviction policy',
    sample: '',
    without: 'nobody warns when the server would evict jobs',
  },
  {
    name: 'command|info',
    why: 'tells whether the server has LMOVEM',
    sample: 'get',
    without: 'jobs are claimed by a script also where LMOVEM is faster',
  },
  {
    name: 'client|id',
    why: 'tells which connection is whose',
    sample: '',
    without: 'dead workers are found by their leases alone',
  },
  {
    name: 'client|list',
    why: 'shows which workers are connected',
    sample: '',
    without: 'dead workers are found by their leases alone',
  },
  {
    name: 'client|setname',
    why: 'names connections',
    sample: 'x',
    without: 'CLIENT LIST does not say which connection is for what',
  },
  {
    name: 'client|tracking',
    why: 'hears of jobs that other programs enqueue',
    sample: 'OFF',
    without: 'jobs of other programs are found by polling',
    only: 'sidekiq',
    stateful: true,
  },
  {
    name: 'client|caching',
    why: 'hears of jobs that other programs enqueue',
    sample: 'YES',
    without: 'jobs of other programs are found by polling',
    only: 'sidekiq',
    stateful: true,
  },
  {
    name: 'subscribe',
    why: 'hears of jobs that other programs enqueue',
    sample: '__redis__:invalidate',
    channel: '&__redis__:invalidate',
    without: 'jobs of other programs are found by polling',
    only: 'sidekiq',
    stateful: true,
  },
  { name: 'cluster|slots', why: 'finds the node of a key', sample: '', only: 'cluster' },
  {
    name: 'cluster|info',
    why: 'tells whether the Cluster serves',
    sample: '',
    without: 'connecting to a Cluster does not wait until it serves',
    only: 'cluster',
  },
  {
    name: 'scan',
    why: 'finds lists of workers that are not registered',
    sample: '0',
    without: '`adopt` finds no jobs of other programs',
  },
  {
    name: 'object|idletime',
    why: 'tells since when nobody touched such a list',
    sample: 'KEY',
    without: '`adopt` cannot tell whether such a worker still lives',
  },
]
