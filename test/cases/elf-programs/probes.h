/* Static probes as <sys/sdt.h> of SystemTap writes them, which is not installed everywhere. */

#if __SIZEOF_POINTER__ == 8
#define ADDRESS ".8byte "
#else
#define ADDRESS ".4byte "
#endif

#define PROBE_BASE                                                                                 \
	".ifndef _.stapsdt.base\n"                                                                 \
	".pushsection .stapsdt.base,\"aG\",\"progbits\",.stapsdt.base,comdat\n"                    \
	".weak _.stapsdt.base\n"                                                                   \
	".hidden _.stapsdt.base\n"                                                                 \
	"_.stapsdt.base: .space 1\n"                                                               \
	".size _.stapsdt.base,1\n"                                                                 \
	".popsection\n"                                                                            \
	".endif\n"

/* A place of the probe app:NAME. SEMAPHORE is 0 or a symbol; ARGUMENTS refer to the operands. */
#define PROBE(NAME, SEMAPHORE, ARGUMENTS, ...)                                                     \
	__asm__ volatile("990: nop\n"                                                              \
			 ".pushsection .note.stapsdt,\"\",\"note\"\n"                              \
			 ".balign 4\n"                                                             \
			 ".4byte 992f-991f, 994f-993f, 3\n"                                        \
			 "991: .asciz \"stapsdt\"\n"                                               \
			 "992: .balign 4\n"                                                        \
			 "993: " ADDRESS "990b\n" ADDRESS "_.stapsdt.base\n" ADDRESS SEMAPHORE "\n" \
			 ".asciz \"app\"\n"                                                        \
			 ".asciz \"" NAME "\"\n"                                                   \
			 ".asciz \"" ARGUMENTS "\"\n"                                              \
			 "994: .balign 4\n"                                                        \
			 ".popsection\n" PROBE_BASE                                                \
			 :                                                                         \
			 : __VA_ARGS__)
