/** Whether the agent only prints something: its help or version, or a compiled policy. */
export function onlyPrints(args) {
  const first = args[0] ?? ''
  const isCommand = first !== '' && !first.startsWith('-')
  return isCommand || args.some((word) => /^(-h|--(help|version|generate-docs))(=|$)/.test(word))
}
