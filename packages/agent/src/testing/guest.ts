/** The kernel of the matrix in this virtual machine; undefined on the host. */
export const guestKernel: string | undefined = process.env.TETRAGON_TEST_KERNEL

const extent = process.env.TETRAGON_TEST_EXTENT

/** Whether only kernel-dependent cases run: on all kernels of the matrix but one. */
export const isPart: boolean = extent === 'oldest' || extent === 'other'

/** Whether cases run that depend on attach methods which the host may lack: on the main kernel. */
export const isMain: boolean = extent === 'main'

/** Whether cases run that differ between kernels: on others than the main and the oldest one. */
export const isOther: boolean = extent === 'other'

/** Whether all cases run: on the host, and in guests of a full run. */
export const isFull: boolean = guestKernel === undefined || extent === 'all'

/** Whether this is a full run: it tries everything everywhere. */
export const isFullRun: boolean = extent === 'all'

/** Whether programs of cases that do not run are loaded, for the verifier of this kernel. */
export const loadsAll: boolean = isFull || extent === 'oldest'

/** Kernels that share what is too much for each of them. */
const sharing: readonly (string | undefined)[] = ['6.12', '5.10', '7']

/**
 * Which of equal parts an emulated kernel tries where one has no time for all: each kernel another.
 * @param count number of parts, at least that of the kernels
 * @returns from 0; other kernels than these have the first one's
 */
export function partHere(count: number): number {
  const place = sharing.indexOf(guestKernel)
  return Math.max(0, place) * Math.floor(count / sharing.length)
}

/**
 * Number of repetitions of an attack that each show the same. A full run has many more, and the
 * benchmark `attacks` 100,000.
 * @param numbers on this machine, on the main kernel, and on kernels that run only a part
 */
export function attemptsOf(numbers: { host: number; main: number; part: number }): number {
  const { host, main, part } = numbers
  if (guestKernel === undefined) return extent === 'all' ? 25 * host : host
  if (extent === 'all') return host
  return isPart ? part : main
}

/**
 * Number of repetitions of a test: an emulated processor is twenty times slower, and dependence on
 * the kernel shows in the first run.
 */
export function repeats(onHost: number, inGuest: number): number {
  return guestKernel === undefined ? onHost : inGuest
}

/** Milliseconds between looks at something: in a guest a look takes up to two of them. */
export const pollMs: number = repeats(5, 25)
