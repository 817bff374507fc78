/** Where, in a machine, the host's Node.js and the bundled programs lie. */
export const PROGRAMS = '/run/programs'
