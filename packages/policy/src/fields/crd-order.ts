/** A name in an enumeration of the CRDs. */
export interface Enumerated {
  /**
   * Its index in the enumeration of the original's CRD, which is in order of addition. Names
   * without an index follow, in the order of their families.
   */
  readonly crdPosition?: number
}

/** Names in the order of the CRD. */
export function inCrdOrder<N extends string>(
  definitions: Readonly<Record<N, Enumerated>>,
): readonly N[] {
  const names = Object.keys(definitions) as N[]
  const position = (name: N): number => definitions[name].crdPosition ?? Number.MAX_SAFE_INTEGER
  return names.sort((a, b) => position(a) - position(b))
}
