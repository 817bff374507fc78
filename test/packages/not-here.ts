/** A check that cannot be made on this machine, and why. */
export class NotHere extends Error {}
