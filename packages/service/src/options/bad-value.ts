/** Why the value of an option is invalid, such as `invalid number "x" (0 to 2)`. */
export class BadValue extends Error {
  override readonly name = 'BadValue'
}
