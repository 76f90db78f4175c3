import type { ProcessLsm } from '../../messages/event.ts'
import { type Line, plain } from '../line.ts'

/** `🔒 LSM     default/xwing /usr/bin/cat file_open` */
export function lsmLine({ process, function_name }: ProcessLsm): Line {
  return { icon: '🔒', word: 'LSM', process, columns: [plain(function_name)] }
}
