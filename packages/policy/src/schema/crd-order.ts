/** A name of the language that CRDs enumerate. */
export interface Enumerated {
  /**
   * Its position in the enumeration of the original's CRD, which has names as they were added.
   * Names without a position follow, in the order of their families.
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
