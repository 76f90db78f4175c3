import type { ProcessUprobe } from '../../messages/event.ts'
import { type Line, plain } from '../line.ts'

/** `🕵️ uprobe  default/xwing /usr/bin/bash /usr/bin/bash readline` */
export function uprobeLine({ process, path, symbol }: ProcessUprobe): Line {
  const columns = [plain(path), plain(symbol)]
  return { icon: '🕵\ufe0f', word: 'uprobe', process, columns }
}
