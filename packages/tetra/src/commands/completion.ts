import type { Command } from '../command.ts'
import { bashScript } from '../completion/bash.ts'
import { completedCommands } from '../completion/entries.ts'
import { fishScript } from '../completion/fish.ts'
import { zshScript } from '../completion/zsh.ts'
import { defineCommand } from '../define-command.ts'
import { readOperand } from '../read-operand.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
const shells = Object.keys(scripts) as (keyof typeof scripts)[]

/**
 * `tetra completion SHELL`
 * @param commands all commands, of which it is one
 */
export const completion = (commands: () => readonly Command[]): Command =>
  defineCommand({
    name: 'completion',
    summary: 'Print the completion script of a shell',
    operands: 'SHELL',
    operandChoices: shells,
    description: `SHELL is ${shells.join(', ')}.`,
    options: {},
    examples: [
      ['source <(tetra completion bash)', 'For this bash; in ~/.bashrc for all'],
      ['source <(tetra completion zsh)', 'For zsh, after compinit'],
      ['tetra completion fish > ~/.config/fish/completions/tetra.fish', 'For fish'],
    ],
    run: async ({ operands, streams }) => {
      const shell = readOperand('SHELL', operands[0], shells)
      streams.stdout.write(scripts[shell](completedCommands(commands())))
      return 0
    },
  })
