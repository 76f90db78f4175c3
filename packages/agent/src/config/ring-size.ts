/** The next power of two that is valid as the size of a ring. */
export function ringSizeOf(bytes: number, pageSize: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, pageSize)))
}
