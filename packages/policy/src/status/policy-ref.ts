import { createHash } from 'node:crypto'
import { refLength } from '../schema/node-status.ts'

/**
 * Names a policy and its generation in the report of an agent: reports of thousands of nodes about
 * hundreds of policies must be small. 48 bits: two of 10,000 policies have the same name with a
 * probability of 1 in 5 million, and authors do not choose the uid.
 */
export function policyRef(uid: string, generation: number): string {
  const digest = createHash('sha256').update(`${uid}/${generation}`).digest('base64')
  return digest.slice(0, refLength)
}

/** The names in a text of them. */
export function splitRefs(refs: string): string[] {
  const all: string[] = []
  for (let at = 0; at + refLength <= refs.length; at += refLength) {
    all.push(refs.slice(at, at + refLength))
  }
  return all
}

/** Whether a name is in a text of them. */
export function hasRef(refs: string, ref: string): boolean {
  let at = refs.indexOf(ref)
  while (at >= 0 && at % refLength !== 0) at = refs.indexOf(ref, at + 1)
  return at >= 0
}
