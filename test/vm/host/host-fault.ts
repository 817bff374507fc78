/** What keeps this host from running the machines; its message says it in one sentence. */
export class HostFault extends Error {}
