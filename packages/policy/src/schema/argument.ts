import {
  boolean,
  type DocumentOf,
  integer,
  object,
  oneOf,
  string,
  uint32,
  withDefault,
} from '../fields/schema.ts'
import { argumentTypeNames } from '../operators/argument-facts.ts'

/** Elements that fit into 4095 bytes. */
const int32ArrayMax = 1023

/** An argument, an item of `data` or a return value. */
export const argumentSchema = object('Argument', 'A value to read at a hook, and its type.', {
  index: withDefault(
    uint32(
      'Position of the parameter, from 0. For a tracepoint, the number of the field in its format ' +
        'file, including the common fields; for a raw tracepoint, the position of its argument.',
    ),
    0,
  ),
  type: withDefault(
    oneOf(
      'How the argument is read and shown. `auto` uses the type in the format of the tracepoint ' +
        'or in the note of the USDT probe.',
      argumentTypeNames,
    ),
    'auto',
  ),
  resolve: string(
    'Members to follow from the argument, such as `mm.owner.comm` or `f_path.mnt[2].mnt_id`. ' +
      'Pointers are dereferenced automatically. With `source: pt_regs`, the name of a register.',
  ),
  btfType: string('Structure that the argument points to, where `resolve` starts.'),
  btfTypeModule: string('Kernel module that defines `btfType`.'),
  sizeArgIndex: withDefault(
    integer(
      'For `char_buf` and `char_iovec`: the parameter with the size, counted from 1. 0: none.',
      0,
      15,
    ),
    0,
  ),
  size: withDefault(integer('For `int32_arr`: the number of elements.', 0, int32ArrayMax), 0),
  returnCopy: withDefault(
    boolean('Read the argument when the function returns, for buffers that the function fills.'),
    false,
  ),
  maxData: withDefault(
    boolean('For `char_buf`: read up to 327360 bytes instead of 4096. Not with `returnCopy`.'),
    false,
  ),
  label: string('Name of the argument in events.'),
  source: oneOf('For items of `data`: where `resolve` starts.', ['current_task', 'pt_regs']),
})
export type ArgumentDocument = DocumentOf<typeof argumentSchema>
