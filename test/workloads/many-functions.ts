import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'

/**
 * Compiles a program with the functions f0, f1, …, which only return. It calls those whose
 * numbers are its arguments.
 */
export function compileManyFunctions(program: string, count: number): void {
  const names = Array.from({ length: count }, (_, i) => `f${i}`)
  const functions = names.map(
    (name) => `.type ${name},@function\n${name}: nop\nret\n.size ${name},2\n`,
  )
  const table = names.map((name) => `.quad ${name}\n`)
  writeFileSync(
    `${program}.s`,
    `.text\n${functions.join('')}.data\n.globl table\ntable:\n${table.join('')}`,
  )
  writeFileSync(
    `${program}.c`,
    `#include <stdlib.h>
extern void (*table[])(void);
int main(int argc, char **argv) { for (int i = 1; i < argc; i++) table[atoi(argv[i])](); }
`,
  )
  execFileSync('gcc', ['-static', '-o', program, `${program}.c`, `${program}.s`])
}
