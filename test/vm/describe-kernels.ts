import { describedNames, describeKernels, knownDescriptions } from './kernel-descriptions.ts'

/** The program of `npm run describe:kernels`: exit code 1 if a kernel could not be described. */
const wanted = process.argv.slice(2)
const unknown = wanted.find((name) => !describedNames.includes(name))
if (unknown !== undefined) {
  console.error(`unknown kernel "${unknown}"; known: ${describedNames.join(', ')}`)
  process.exitCode = 2
} else {
  const names = wanted.length > 0 ? wanted : describedNames
  const problems = await describeKernels(names, console.log)
  for (const [name, error] of problems) console.error(`${name}: ${error.message}`)
  for (const [name, path] of knownDescriptions()) console.log(`${name}: ${path}`)
  process.exitCode = problems.size > 0 ? 1 : 0
}
