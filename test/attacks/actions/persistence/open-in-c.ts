/** A C program that appends a text to a file. */
export const openInC = (path: string, text: string) => `
#include <fcntl.h>
#include <string.h>
#include <unistd.h>
int main() {
  const char *text = ${JSON.stringify(text)};
  int f = open("${path}", O_WRONLY | O_CREAT | O_APPEND, 0644);
  return write(f, text, strlen(text)) < 0;
}`
