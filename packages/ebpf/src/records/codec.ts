/** How a value crosses the kernel border: its size in bytes and both directions. */
export interface Codec<T> {
  readonly size: number
  encode(value: T, view: DataView, offset: number): void
  decode(view: DataView, offset: number): T
}
