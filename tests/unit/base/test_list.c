#include "base/list.h"

#include "support/suite.h"

struct item {
	int value;
	struct list link;
};

static int item_value(struct list *link)
{
	return list_owner(link, struct item, link)->value;
}

static void ring_holds(struct list *head, const int *values, size_t n)
{
	size_t i = 0;
	list_for_each (at, head) {
		ck_assert_uint_lt(i, n);
		ck_assert_int_eq(item_value(at), values[i++]);
		ck_assert_ptr_eq(at->next->prev, at);
	}
	ck_assert_uint_eq(i, n);
}

START_TEST(order_of_adding)
{
	struct list head;
	struct item items[3] = {{1, {0}}, {2, {0}}, {3, {0}}};
	list_init(&head);
	ck_assert(list_is_empty(&head));
	list_add_tail(&head, &items[1].link);
	list_add_tail(&head, &items[2].link);
	list_add_head(&head, &items[0].link);
	ring_holds(&head, (int[]){1, 2, 3}, 3);
	list_remove(&items[1].link);
	list_remove(&items[1].link);
	ring_holds(&head, (int[]){1, 3}, 2);
	ck_assert(list_is_empty(&items[1].link));
}
END_TEST

START_TEST(the_current_one_may_go_while_walking)
{
	struct list head;
	struct item items[4] = {{1, {0}}, {2, {0}}, {3, {0}}, {4, {0}}};
	list_init(&head);
	for (size_t i = 0; i < 4; i++)
		list_add_tail(&head, &items[i].link);
	list_for_each (at, &head) {
		if (item_value(at) % 2)
			list_remove(at);
	}
	ring_holds(&head, (int[]){2, 4}, 2);
}
END_TEST

START_TEST(splicing_moves_all_behind)
{
	struct list to, from;
	struct item items[3] = {{1, {0}}, {2, {0}}, {3, {0}}};
	list_init(&to);
	list_init(&from);
	list_splice_tail(&to, &from);
	ck_assert(list_is_empty(&to));
	list_add_tail(&to, &items[0].link);
	list_add_tail(&from, &items[1].link);
	list_add_tail(&from, &items[2].link);
	list_splice_tail(&to, &from);
	ring_holds(&to, (int[]){1, 2, 3}, 3);
	ck_assert(list_is_empty(&from));
	list_splice_tail(&from, &to);
	ring_holds(&from, (int[]){1, 2, 3}, 3);
	ck_assert(list_is_empty(&to));
}
END_TEST

SUITE_MAIN("list", order_of_adding, the_current_one_may_go_while_walking, splicing_moves_all_behind)
