/** Where words are looked for, for the help and the documentation. */
export const searchedTexts =
  'Words are looked for in the line of an event, in all arguments and return values of its hook, ' +
  'in message, tags and name of its policy, in its node, and in what is known about its process: ' +
  'binary, arguments, pod, workload, container and image, and user (www-data, “uid 33”).'

/** The forms of filters, for the help and the documentation. */
export const filterForms = [
  { form: 'curl example', meaning: 'has both words, whatever their case' },
  { form: '"-s https"', meaning: 'has the words together, with blanks' },
  {
    form: 'pod:xwing',
    meaning:
      'has the text in a field, as xwing-2 has: kind, binary, user, pod, container, policy, pid, ' +
      'node, hook, file, address, action, rule',
  },
  {
    form: 'pod:=default/xwing',
    meaning: 'has exactly this in the field, so not xwing-2: “only” and “not” write it',
  },
  { form: 'level:medium', meaning: 'has a finding, or a policy, of this level or above' },
  { form: 'exec:=…', meaning: 'is of the process with this exec id' },
  { form: 'tree:=…', meaning: 'is of this process or of one below it; tree:1234 is about a pid' },
  { form: 'binary:/usr/bin/*', meaning: 'matches the field as a whole; the star is any text' },
  { form: '-kind:exit', meaning: 'does not match the term' },
  {
    form: 'curl cel: process_exec.process.uid == 0u',
    meaning: 'matches the terms and a CEL expression, as tetra getevents does; events only',
  },
] as const
