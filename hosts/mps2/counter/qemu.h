/*
 * What counter.c uses of the interface between QEMU (5.2 to 8.2, version 1 of it) and its plugins, declared by hand: Debian packages no header
 * of it. QEMU's program exports the functions; a plugin exports qemu_plugin_version and qemu_plugin_install.
 */
#ifndef COUNTER_QEMU_H
#define COUNTER_QEMU_H

#include <stddef.h>
#include <stdint.h>

#define QEMU_EXPORT __attribute__((visibility("default")))

struct qemu_plugin_tb;
struct qemu_plugin_insn;
/* What the machine is. Nothing of it is asked for here. */
struct qemu_info_t;

typedef void (*qemu_translated)(uint64_t plugin, struct qemu_plugin_tb *block);
typedef void (*qemu_executed)(unsigned int processor, void *data);

/* Argument `flags` of qemu_plugin_register_vcpu_tb_exec_cb: the function looks at no register. */
#define QEMU_NO_REGISTERS 0
/* Argument `operation` of qemu_plugin_register_vcpu_insn_exec_inline. */
#define QEMU_ADD 0

extern QEMU_EXPORT int qemu_plugin_version;
/* Gives 0, or something else to end QEMU. Each argument is "name=value". */
QEMU_EXPORT int qemu_plugin_install(uint64_t plugin, const struct qemu_info_t *info, int count, char **arguments);

/* Called whenever a block of instructions, which run one after the other, is translated: */
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t plugin, qemu_translated function);
/* ... and what may be done then: look at the block, have something called before it runs, and added to before one of its instructions does. */
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *block);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *block);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *block, size_t index);
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *block, qemu_executed function, int flags, void *data);
void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *instruction, int operation, void *word, uint64_t addend);

#endif
