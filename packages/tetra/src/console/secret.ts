import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** Random bytes of a secret. */
const secretSize = 32

/** @returns 256 random bits, in characters for cookies and addresses */
export function newSecret(): string {
  return randomBytes(secretSize).toString('base64url')
}

/** @returns a value that only the owner of the secret can compute, in the same characters */
export function derive(secret: string, ...parts: readonly string[]): string {
  return createHmac('sha256', secret).update(JSON.stringify(parts)).digest('base64url')
}

/** Takes the same time for all texts. */
export function equalsSecret(text: string, secret: string): boolean {
  const [a, b] = [text, secret].map((each) => createHash('sha256').update(each).digest())
  return timingSafeEqual(a, b)
}
