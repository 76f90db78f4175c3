import type { ProcessUprobe } from '../../messages/event.ts'
import { detail, type Line } from '../line.ts'

/** `🕵️ uprobe  default/xwing /usr/bin/bash /usr/bin/bash readline` */
export function uprobeLine({ process, path, symbol }: ProcessUprobe): Line {
  const columns = [detail(path ?? ''), detail(symbol ?? '')]
  return { icon: '🕵\ufe0f', word: 'uprobe', process, columns }
}
