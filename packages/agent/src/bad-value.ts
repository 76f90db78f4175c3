/** Why a text is no value of an option. The message goes on after the text: `is no number`. */
export class BadValue extends Error {
  override readonly name = 'BadValue'
}
