import { argumentTypeNames } from '../model/index.ts'
import {
  boolean,
  type DocumentOf,
  integer,
  object,
  oneOf,
  string,
  uint32,
  withDefault,
} from './schema.ts'

/** An argument, an item of `data` or a result. */
export const argumentSchema = object('Argument', 'What to read at a hook, and as what.', {
  index: withDefault(
    uint32(
      'Position of the parameter, from 0. For a tracepoint the number of the field in its format ' +
        'file, the common fields counted; for a raw tracepoint the position of its argument.',
    ),
    0,
  ),
  type: withDefault(
    oneOf(
      'How the argument is read and shown. `auto` takes the type from the format of a tracepoint ' +
        'or from the note of a USDT probe.',
      argumentTypeNames,
    ),
    'auto',
  ),
  resolve: string(
    'Members to follow from the argument, such as `mm.owner.comm` or `f_path.mnt[2].mnt_id`. ' +
      'Pointers are followed by themselves. With `source: pt_regs` the name of a register.',
  ),
  btfType: string('Structure that the argument is taken as before `resolve` is followed.'),
  btfTypeModule: string('Kernel module that declares `btfType`.'),
  sizeArgIndex: withDefault(
    integer(
      'For `char_buf` and `char_iovec`: the parameter with the size, counted from 1. 0: none.',
      0,
      15,
    ),
    0,
  ),
  returnCopy: withDefault(
    boolean('Read the argument when the function returns: for buffers that it fills.'),
    false,
  ),
  maxData: withDefault(
    boolean('For `char_buf`: up to 327360 bytes rather than 4096. Not with `returnCopy`.'),
    false,
  ),
  label: string('Name that the event gives the argument.'),
  source: oneOf('For items of `data`: where `resolve` begins.', ['current_task', 'pt_regs']),
})
export type ArgumentDocument = DocumentOf<typeof argumentSchema>
