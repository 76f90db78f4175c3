import type { RuleHead } from '@tetragon-ts/rules'
import type { Process } from '../../processes/process.ts'
import { imageText } from '../json/image-text.ts'

/**
 * Characters of the arguments that rules look at: expressions take milliseconds for longer ones,
 * and anyone can pass megabytes.
 */
export const argumentsMax = 16_384

/** Found in programs with longer ones, so that hiding behind them is seen. */
export const longArguments: RuleHead = {
  title: 'Arguments longer than detection rules look at',
  id: 'arguments-not-evaluated',
  level: 'low',
  tags: [],
  techniques: [],
  references: [],
  falsePositives: [],
  file: '',
  line: 0,
}

/** Whether rules do not see all arguments. */
export function hasLongArguments({ image }: Process): boolean {
  return image.length > argumentsMax && imageText(image, 'arguments').length > argumentsMax
}
