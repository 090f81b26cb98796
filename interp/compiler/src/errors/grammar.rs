//! The grammar of Python 3.14 with the mistakes it knows, in the notation of
//! [`super::peg`]. Actions: `E place text` reports a syntax error, `I` an
//! indentation error; a place is an item's number, `a-b` from one item to
//! another, `a>` from an item without an end, `@` the furthest token, `n` the
//! next one. In the text `%a` stands for what kind of expression item a is, `$a`
//! for its line. Other words name a function of [`super::actions`].

pub const GRAMMAR: &str = r#"
file: [statements] ENDMARKER
interactive: statement_newline
eval: expressions NEWLINE* ENDMARKER
statements: statement+
statement: compound_stmt | simple_stmts
statement_newline: compound_stmt NEWLINE | simple_stmts | NEWLINE | ENDMARKER {fail}
simple_stmts: simple_stmt !';' NEWLINE | ';'.simple_stmt+ [';'] NEWLINE
simple_stmt: assignment | &"type" type_alias | star_expressions | &'return' return_stmt | &('import' | 'from') import_stmt | &'raise' raise_stmt | &'pass' pass_stmt | &'del' del_stmt | &'yield' yield_stmt | &'assert' assert_stmt | &'break' break_stmt | &'continue' continue_stmt | &'global' global_stmt | &'nonlocal' nonlocal_stmt
compound_stmt: &('def' | '@' | 'async') function_def | &'if' if_stmt | &('class' | '@') class_def | &('with' | 'async') with_stmt | &('for' | 'async') for_stmt | &'try' try_stmt | &'while' while_stmt | match_stmt
assignment: NAME ':' expression ['=' annotated_rhs] | ('(' single_target ')' | single_subscript_attribute_target) ':' expression ['=' annotated_rhs] | assign_target+ annotated_rhs !'=' | single_target augassign ~ annotated_rhs | invalid_assignment
assign_target: star_targets '='
annotated_rhs: yield_expr | star_expressions
augassign: '+=' | '-=' | '*=' | '@=' | '/=' | '%=' | '&=' | '|=' | '^=' | '<<=' | '>>=' | '**=' | '//='
pass_stmt: 'pass'
break_stmt: 'break'
continue_stmt: 'continue'
return_stmt: 'return' [star_expressions]
raise_stmt: 'raise' expression 'from' expression | 'raise' expression | 'raise'
global_stmt: 'global' ','.NAME+
nonlocal_stmt: 'nonlocal' ','.NAME+
del_stmt: 'del' del_targets &(';' | NEWLINE) | invalid_del_stmt
yield_stmt: yield_expr
assert_stmt: 'assert' expression [',' expression]
import_stmt: invalid_import | import_name | import_from
import_name: 'import' ','.dotted_as_name+
import_from: 'from' ('.' | '...')* dotted_name 'import' import_from_targets | 'from' ('.' | '...')+ 'import' import_from_targets
import_from_targets: '(' import_from_as_names [','] ')' | import_from_as_names !',' | '*' | invalid_import_from_targets
import_from_as_names: ','.import_from_as_name+
import_from_as_name: invalid_import_from_as_name | NAME ['as' NAME]
dotted_as_name: invalid_dotted_as_name | dotted_name ['as' NAME]
dotted_name: '.'.NAME+
block: NEWLINE INDENT statements DEDENT | simple_stmts | invalid_block
decorators: decorator+
decorator: '@' named_expression NEWLINE
class_def: decorators class_def_raw | class_def_raw
class_def_raw: invalid_class_def_raw | 'class' NAME [type_params] ['(' [arguments] ')'] ':' block
function_def: decorators function_def_raw | function_def_raw
function_def_raw: invalid_def_raw | 'def' NAME [type_params] &&'(' [params] ')' ['->' expression] &&':' block | 'async' 'def' NAME [type_params] &&'(' [params] ')' ['->' expression] &&':' block
params: invalid_parameters | parameters
parameters: slash_no_default param_no_default* param_with_default* [star_etc] | slash_with_default param_with_default* [star_etc] | param_no_default+ param_with_default* [star_etc] | param_with_default+ [star_etc] | star_etc
slash_no_default: param_no_default+ '/' ',' | param_no_default+ '/' &')'
slash_with_default: param_no_default* param_with_default+ '/' ',' | param_no_default* param_with_default+ '/' &')'
star_etc: invalid_star_etc | '*' param_no_default param_maybe_default* [kwds] | '*' param_no_default_star_annotation param_maybe_default* [kwds] | '*' ',' param_maybe_default+ [kwds] | kwds
kwds: invalid_kwds | '**' param_no_default
param_no_default: param ',' {first} | param &')'
param_no_default_star_annotation: NAME ':' star_expression ',' | NAME ':' star_expression &')'
param_with_default: param default ',' | param default &')'
param_maybe_default: param [default] ',' | param [default] &')'
param: NAME [':' expression]
default: '=' expression | invalid_default
if_stmt: invalid_if_stmt | 'if' named_expression ':' block elif_stmt | 'if' named_expression ':' block [else_block]
elif_stmt: invalid_elif_stmt | 'elif' named_expression ':' block elif_stmt | 'elif' named_expression ':' block [else_block]
else_block: invalid_else_stmt | 'else' &&':' block
while_stmt: invalid_while_stmt | 'while' named_expression ':' block [else_block]
for_stmt: invalid_for_stmt | 'for' star_targets 'in' ~ star_expressions ':' block [else_block] | 'async' 'for' star_targets 'in' ~ star_expressions ':' block [else_block] | invalid_for_target
with_stmt: invalid_with_stmt_indent | 'with' '(' ','.with_item+ [','] ')' ':' block | 'with' ','.with_item+ ':' block | 'async' 'with' '(' ','.with_item+ [','] ')' ':' block | 'async' 'with' ','.with_item+ ':' block | invalid_with_stmt
with_item: expression 'as' star_target &(',' | ')' | ':') | invalid_with_item | expression
try_stmt: invalid_try_stmt | 'try' &&':' block finally_block | 'try' &&':' block except_block+ [else_block] [finally_block] | 'try' &&':' block except_star_block+ [else_block] [finally_block]
except_block: invalid_except_stmt_indent | 'except' expression ':' block | 'except' expression 'as' NAME ':' block | 'except' expressions ':' block | 'except' ':' block | invalid_except_stmt
except_star_block: invalid_except_star_stmt_indent | 'except' '*' expression ':' block | 'except' '*' expression 'as' NAME ':' block | 'except' '*' expressions ':' block | invalid_except_star_stmt
finally_block: invalid_finally_stmt | 'finally' &&':' block
match_stmt: "match" subject_expr ':' NEWLINE INDENT case_block+ DEDENT | invalid_match_stmt
subject_expr: star_named_expression ',' [star_named_expressions] | named_expression
case_block: invalid_case_block | "case" patterns [guard] ':' block
guard: 'if' named_expression
patterns: open_sequence_pattern | pattern
pattern: as_pattern | or_pattern
as_pattern: or_pattern 'as' pattern_capture_target | invalid_as_pattern
or_pattern: '|'.closed_pattern+
closed_pattern: literal_pattern | capture_pattern | "_" | value_pattern | group_pattern | sequence_pattern | mapping_pattern | class_pattern
literal_pattern: signed_number !('+' | '-') | complex_number | strings | 'None' | 'True' | 'False'
complex_number: signed_number ('+' | '-') NUMBER
signed_number: NUMBER | '-' NUMBER
capture_pattern: pattern_capture_target
pattern_capture_target: !"_" NAME !('.' | '(' | '=')
value_pattern: attr !('.' | '(' | '=')
attr: NAME '.' '.'.NAME+ => Attribute
name_or_attr: '.'.NAME+
group_pattern: '(' pattern ')'
sequence_pattern: '[' [maybe_sequence_pattern] ']' | '(' [open_sequence_pattern] ')'
open_sequence_pattern: maybe_star_pattern ',' [maybe_sequence_pattern]
maybe_sequence_pattern: ','.maybe_star_pattern+ [',']
maybe_star_pattern: star_pattern | pattern
star_pattern: '*' pattern_capture_target | '*' "_"
mapping_pattern: '{' '}' | '{' double_star_pattern [','] '}' | '{' ','.key_value_pattern+ ',' double_star_pattern [','] '}' | '{' ','.key_value_pattern+ [','] '}'
key_value_pattern: (literal_pattern | attr) ':' pattern
double_star_pattern: '**' pattern_capture_target
class_pattern: name_or_attr '(' ')' | name_or_attr '(' positional_patterns [','] ')' | name_or_attr '(' keyword_patterns [','] ')' | name_or_attr '(' positional_patterns ',' keyword_patterns [','] ')' | invalid_class_pattern
positional_patterns: ','.pattern+
keyword_patterns: ','.keyword_pattern+
keyword_pattern: NAME '=' pattern
type_alias: "type" NAME [type_params] '=' expression
type_params: invalid_type_params | '[' ','.type_param+ [','] ']'
type_param: NAME [':' expression] ['=' expression] | invalid_type_param | '*' NAME ['=' star_expression] | '**' NAME ['=' expression]
expressions: expression comma_expression+ [','] => Tuple | expression ',' => Tuple | expression
comma_expression: ',' expression
expression: invalid_expression | invalid_legacy_expression | disjunction 'if' disjunction 'else' expression => IfExp | disjunction | lambdef
yield_expr: 'yield' 'from' expression => Yield | 'yield' [star_expressions] => Yield
star_expressions: star_expression comma_star_expression+ [','] => Tuple | star_expression ',' => Tuple | star_expression
comma_star_expression: ',' star_expression
star_expression: '*' bitwise_or => Starred | expression
star_named_expressions: ','.star_named_expression+ [',']
star_named_expression: '*' bitwise_or => Starred | named_expression
assignment_expression: NAME ':=' ~ expression => NamedExpr
named_expression: assignment_expression | invalid_named_expression | expression !':='
disjunction: conjunction or_part+ => BoolOp | conjunction
or_part: 'or' conjunction
conjunction: inversion and_part+ => BoolOp | inversion
and_part: 'and' inversion
inversion: 'not' inversion => UnaryOp | comparison
comparison: bitwise_or compare_part+ => Compare | bitwise_or
compare_part: invalid_not_equal | ('==' | '!=' | '<=' | '<' | '>=' | '>' | 'not' 'in' | 'in' | 'is' 'not' | 'is') bitwise_or
bitwise_or: bitwise_xor ^ ('|' bitwise_xor => BinOp)
bitwise_xor: bitwise_and ^ ('^' bitwise_and => BinOp)
bitwise_and: shift_expr ^ ('&' shift_expr => BinOp)
shift_expr: sum ^ (('<<' | '>>') sum => BinOp | invalid_arithmetic)
sum: term ^ (('+' | '-') term => BinOp)
term: factor ^ (('*' | '/' | '//' | '%' | '@') factor => BinOp)
factor: ('+' | '-' | '~') factor => UnaryOp | invalid_factor | power
power: await_primary '**' factor => BinOp | await_primary
await_primary: 'await' primary => Await | primary
primary: atom ^ ('.' NAME => Attribute | genexp => Call | '(' [arguments] ')' => Call | '[' slices ']' => Subscript)
slices: slice !',' | ','.(slice | starred_expression)+ [',']
slice: [expression] ':' [expression] [':' [expression]] | named_expression
atom: NAME | 'True' => True | 'False' => False | 'None' => None | &(STRING | FSTART | TSTART) strings | NUMBER | &'(' (tuple | group | genexp) | &'[' (list | listcomp) | &'{' (dict | set | dictcomp | setcomp) | '...' => Ellipsis
strings: invalid_string_tstring_concat | (fstring | STRING)+ {strings} | tstring+ => TemplateStr
group: '(' (yield_expr | named_expression) ')' {second} | invalid_group
fstring: FSTART fstring_part* FEND => JoinedStr
tstring: TSTART tstring_part* TEND => TemplateStr
fstring_part: fstring_field | FMIDDLE
tstring_part: fstring_field | TMIDDLE
fstring_conversion: '!' NAME {conversion}
fstring_field: '{' annotated_rhs ['='] [fstring_conversion] [fstring_spec] '}' | invalid_fstring_field
fstring_spec: ':' fstring_spec_part*
fstring_spec_part: FMIDDLE | TMIDDLE | fstring_field
lambdef: 'lambda' [lambda_params] ':' expression => Lambda
lambda_params: invalid_lambda_parameters | lambda_parameters
lambda_parameters: lambda_slash_no_default lambda_param_no_default* lambda_param_with_default* [lambda_star_etc] | lambda_slash_with_default lambda_param_with_default* [lambda_star_etc] | lambda_param_no_default+ lambda_param_with_default* [lambda_star_etc] | lambda_param_with_default+ [lambda_star_etc] | lambda_star_etc
lambda_slash_no_default: lambda_param_no_default+ '/' ',' | lambda_param_no_default+ '/' &':'
lambda_slash_with_default: lambda_param_no_default* lambda_param_with_default+ '/' ',' | lambda_param_no_default* lambda_param_with_default+ '/' &':'
lambda_star_etc: invalid_lambda_star_etc | '*' lambda_param_no_default lambda_param_maybe_default* [lambda_kwds] | '*' ',' lambda_param_maybe_default+ [lambda_kwds] | lambda_kwds
lambda_kwds: invalid_lambda_kwds | '**' lambda_param_no_default
lambda_param_no_default: NAME ',' {first} | NAME &':'
lambda_param_with_default: NAME lambda_default ',' | NAME lambda_default &':'
lambda_param_maybe_default: NAME [lambda_default] ',' | NAME [lambda_default] &':'
lambda_default: '=' expression | invalid_lambda_default
list: '[' [star_named_expressions] ']' => List
tuple: '(' [star_named_expression ',' [star_named_expressions]] ')' => Tuple
set: '{' star_named_expressions '}' => Set
dict: '{' [double_starred_kvpairs] '}' => Dict | '{' invalid_double_starred_kvpairs '}'
double_starred_kvpairs: ','.double_starred_kvpair+ [',']
double_starred_kvpair: '**' bitwise_or | kvpair
kvpair: expression ':' expression
for_if_clauses: for_if_clause+
for_if_clause: 'async' 'for' star_targets 'in' ~ disjunction for_if_condition* | 'for' star_targets 'in' ~ disjunction for_if_condition* | invalid_for_if_clause | invalid_for_target
for_if_condition: 'if' disjunction
listcomp: '[' named_expression for_if_clauses ']' => ListComp | invalid_comprehension
setcomp: '{' named_expression for_if_clauses '}' => SetComp | invalid_comprehension
genexp: '(' (assignment_expression | expression !':=') for_if_clauses ')' => GeneratorExp | invalid_comprehension
dictcomp: '{' kvpair for_if_clauses '}' => DictComp | invalid_dict_comprehension
arguments: args [','] &')' | invalid_arguments
args: ','.arg+ [',' kwargs] => Args | kwargs => Args
arg: starred_expression | (assignment_expression | expression !':=') !'='
kwargs: ','.kwarg_or_starred+ ',' ','.kwarg_or_double_starred+ => Kwargs | ','.kwarg_or_starred+ => Kwargs | ','.kwarg_or_double_starred+ => Kwargs
starred_expression: invalid_starred_expression_unpacking | '*' expression => Starred | invalid_starred_expression
kwarg_or_starred: invalid_kwarg | NAME '=' expression => Keyword | starred_expression
kwarg_or_double_starred: invalid_kwarg | NAME '=' expression => Keyword | '**' expression => DoubleStarred
star_targets: star_target !',' | star_target comma_star_target* [','] => Tuple
comma_star_target: ',' star_target
star_targets_seq: ','.star_target+ [',']
star_target: '*' (!'*' star_target) => Starred | target_with_star_atom
target_with_star_atom: t_primary_attribute | t_primary_subscript | star_atom
t_primary_attribute: t_primary '.' NAME !t_lookahead => Attribute
t_primary_subscript: t_primary '[' slices ']' !t_lookahead => Subscript
t_primary: t_atom ^ ('.' NAME &t_lookahead => Attribute | '[' slices ']' &t_lookahead => Subscript | genexp &t_lookahead => Call | '(' [arguments] ')' &t_lookahead => Call)
t_atom: atom &t_lookahead
t_lookahead: '(' | '[' | '.'
star_atom: NAME | '(' target_with_star_atom ')' | '(' [star_targets_tuple_seq] ')' => Tuple | '[' [star_targets_seq] ']' => List
star_targets_tuple_seq: star_target comma_star_target+ [','] | star_target ','
single_target: single_subscript_attribute_target | NAME | '(' single_target ')'
single_subscript_attribute_target: t_primary_attribute | t_primary_subscript
del_targets: ','.del_target+ [',']
del_target: t_primary_attribute | t_primary_subscript | del_t_atom
del_t_atom: NAME | '(' del_target ')' | '(' [del_targets] ')' | '[' [del_targets] ']'
invalid_arguments: (args_then_comma | kwargs) ',' ','.starred_argument+ {E 2> iterable argument unpacking follows keyword argument unpacking} | expression for_if_clauses ',' [args | expression for_if_clauses] {E 1-2 Generator expression must be parenthesized} | NAME '=' expression for_if_clauses {E 1-2 invalid syntax. Maybe you meant '==' or ':=' instead of '='?} | [args ','] NAME '=' &(',' | ')') {E 2-3 expected argument value expression} | args for_if_clauses {genexp_in_call} | args ',' expression for_if_clauses {E 3-4 Generator expression must be parenthesized} | args ',' args {arguments_order 1}
starred_argument: starred_expression !'='
args_then_comma: ','.arg+ ',' kwargs
invalid_kwarg: ('True' | 'False' | 'None') '=' {cannot_assign_constant} | NAME '=' expression for_if_clauses {E 1-2 invalid syntax. Maybe you meant '==' or ':=' instead of '='?} | '**' expression '=' expression {E 1-4 cannot assign to keyword argument unpacking} | !(NAME '=') expression '=' {E 2-3 expression cannot contain assignment, perhaps you meant "=="?}
expression_without_invalid: {plain_expression}
expression_plain: disjunction 'if' disjunction 'else' expression => IfExp | disjunction | lambdef
invalid_legacy_expression: NAME !'(' star_expressions {legacy}
invalid_type_param: '*' NAME ':' expression {type_bound 3 4 TypeVarTuple} | '**' NAME ':' expression {type_bound 3 4 ParamSpec}
invalid_expression: STRING no_string+ STRING {E 2 invalid syntax. Is this intended to be part of the string?} | !(NAME STRING | soft_keyword) disjunction expression_without_invalid {forgot_comma} | disjunction 'if' disjunction !('else' | ':') {E 1-3 expected 'else' after 'if' expression} | disjunction 'if' disjunction 'else' !expression {E n expected expression after 'else', but statement is given} | (pass_stmt | break_stmt | continue_stmt) 'if' disjunction 'else' simple_stmt {E 1 expected expression before 'if', but statement is given} | 'lambda' [lambda_params] ':' &(FMIDDLE | '}') {E 1-3 f-string: lambda expressions are not allowed without parentheses} | 'lambda' [lambda_params] ':' &TMIDDLE {E 1-3 t-string: lambda expressions are not allowed without parentheses}
no_string: !STRING expression_without_invalid
soft_keyword: "_" | "case" | "match" | "type"
invalid_named_expression: expression ':=' expression {E 1 cannot use assignment expressions with %1} | NAME '=' bitwise_or !('=' | ':=') {E 1-3 invalid syntax. Maybe you meant '==' or ':=' instead of '='?} | !(list | tuple | genexp | 'True' | 'None' | 'False') bitwise_or '=' bitwise_or !('=' | ':=') {E 2 cannot assign to %2 here. Maybe you meant '==' instead of '='?}
invalid_assignment: invalid_ann_assign_target ':' expression {E 1 only single target (not %1) can be annotated} | star_named_expression ',' [star_named_expressions] ':' expression {E 1 only single target (not tuple) can be annotated} | expression ':' expression {E 1 illegal target for annotation} | assign_target* star_expressions '=' {target assign 2} | assign_target* yield_expr '=' {E 2 assignment to yield expression not possible} | star_expressions augassign annotated_rhs {E 1 '%1' is an illegal expression for augmented assignment}
invalid_ann_assign_target: list | tuple | '(' invalid_ann_assign_target ')' {second}
invalid_del_stmt: 'del' star_expressions {target delete 2}
invalid_block: NEWLINE !INDENT {I @ expected an indented block}
invalid_comprehension: ('[' | '(' | '{') starred_expression for_if_clauses {E 2 iterable unpacking cannot be used in comprehension} | ('[' | '{') star_named_expression ',' star_named_expressions for_if_clauses {E 2-4 did you forget parentheses around the comprehension target?} | ('[' | '{') star_named_expression ',' for_if_clauses {E 2-3 did you forget parentheses around the comprehension target?}
invalid_dict_comprehension: '{' '**' bitwise_or for_if_clauses '}' {E 2 dict unpacking cannot be used in dict comprehension}
invalid_parameters: '/' ',' {E 1 at least one argument must precede /} | (slash_no_default | slash_with_default) param_maybe_default* '/' {E 3 / may appear only once} | [slash_no_default] param_no_default* invalid_parameters_helper param_no_default {E 4 parameter without a default follows parameter with a default} | param_no_default* '(' param_no_default+ [','] ')' {E 2-5 Function parameters cannot be parenthesized} | [slash_no_default | slash_with_default] param_maybe_default* '*' (',' | param_no_default) param_maybe_default* '/' {E 6 / must be ahead of *} | param_maybe_default+ '/' '*' {E 3 expected comma between / and *}
invalid_parameters_helper: slash_with_default | param_with_default+
invalid_default: '=' &(')' | ',') {E 1 expected default value expression}
invalid_star_etc: '*' (')' | ',' (')' | '**')) {E 1 named arguments must follow bare *} | '*' param '=' {E 3 var-positional argument cannot have default value} | '*' (param_no_default | ',') param_maybe_default* '*' (param_no_default | ',') {E 4 * argument may appear only once}
invalid_kwds: '**' param '=' {E 3 var-keyword argument cannot have default value} | '**' param ',' param {E 4 arguments cannot follow var-keyword argument} | '**' param ',' ('*' | '**' | '/') {E 4 arguments cannot follow var-keyword argument}
invalid_lambda_parameters: '/' ',' {E 1 at least one argument must precede /} | (lambda_slash_no_default | lambda_slash_with_default) lambda_param_maybe_default* '/' {E 3 / may appear only once} | [lambda_slash_no_default] lambda_param_no_default* invalid_lambda_parameters_helper lambda_param_no_default {E 4 parameter without a default follows parameter with a default} | lambda_param_no_default* '(' ','.NAME+ [','] ')' {E 2-5 Lambda expression parameters cannot be parenthesized} | [lambda_slash_no_default | lambda_slash_with_default] lambda_param_maybe_default* '*' (',' | lambda_param_no_default) lambda_param_maybe_default* '/' {E 6 / must be ahead of *} | lambda_param_maybe_default+ '/' '*' {E 3 expected comma between / and *}
invalid_lambda_parameters_helper: lambda_slash_with_default | lambda_param_with_default+
invalid_lambda_default: '=' &(')' | ',') {E 1 expected default value expression}
invalid_lambda_star_etc: '*' (':' | ',' (':' | '**')) {E @ named arguments must follow bare *} | '*' NAME '=' {E 3 var-positional argument cannot have default value} | '*' (lambda_param_no_default | ',') lambda_param_maybe_default* '*' (lambda_param_no_default | ',') {E 4 * argument may appear only once}
invalid_lambda_kwds: '**' NAME '=' {E 3 var-keyword argument cannot have default value} | '**' NAME ',' NAME {E 4 arguments cannot follow var-keyword argument} | '**' NAME ',' ('*' | '**' | '/') {E 4 arguments cannot follow var-keyword argument}
invalid_with_item: expression 'as' expression &(',' | ')' | ':') {target assign 3}
invalid_for_if_clause: ['async'] 'for' (bitwise_or comma_bitwise_or* [',']) !'in' {E @ 'in' expected after for-loop variables}
comma_bitwise_or: ',' bitwise_or
invalid_for_target: ['async'] 'for' star_expressions {target for 3}
invalid_group: '(' starred_expression ')' {E 2 cannot use starred expression here} | '(' '**' expression ')' {E 2 cannot use double starred expression here}
invalid_import: 'import' ','.dotted_name+ 'from' dotted_name {E 1> Did you mean to use 'from ... import ...' instead?} | 'import' NEWLINE {E 2> Expected one or more names after 'import'}
invalid_dotted_as_name: dotted_name 'as' !(NAME (',' | ')' | ';' | NEWLINE)) expression {E 4 cannot use %4 as import target}
invalid_import_from_as_name: NAME 'as' !(NAME (',' | ')' | ';' | NEWLINE)) expression {E 4 cannot use %4 as import target}
invalid_import_from_targets: import_from_as_names ',' NEWLINE {E @ trailing comma not allowed without surrounding parentheses} | NEWLINE {E 1> Expected one or more names after 'import'}
invalid_with_stmt: ['async'] 'with' ','.(expression ['as' star_target])+ NEWLINE {E @ expected ':'} | ['async'] 'with' '(' ','.(expressions ['as' star_target])+ [','] ')' NEWLINE {E @ expected ':'}
invalid_with_stmt_indent: ['async'] 'with' ','.(expression ['as' star_target])+ ':' NEWLINE !INDENT {I @ expected an indented block after 'with' statement on line $2} | ['async'] 'with' '(' ','.(expressions ['as' star_target])+ [','] ')' ':' NEWLINE !INDENT {I @ expected an indented block after 'with' statement on line $2}
invalid_try_stmt: 'try' ':' NEWLINE !INDENT {I @ expected an indented block after 'try' statement on line $1} | 'try' ':' block !('except' | 'finally') {E @ expected 'except' or 'finally' block} | 'try' ':' block* except_block+ 'except' '*' expression ['as' NAME] ':' {E 5-6 cannot have both 'except' and 'except*' on the same 'try'} | 'try' ':' block* except_star_block+ 'except' [expression ['as' NAME]] ':' {E 5 cannot have both 'except' and 'except*' on the same 'try'}
invalid_except_stmt: 'except' expression ',' expressions 'as' NAME ':' {E 2> multiple exception types must be parenthesized when using 'as'} | 'except' expression ['as' NAME] NEWLINE {E @ expected ':'} | 'except' NEWLINE {E @ expected ':'} | 'except' expression 'as' expression ':' block {E 4 cannot use except statement with %4}
invalid_except_star_stmt: 'except' '*' expression ',' expressions 'as' NAME ':' {E 3> multiple exception types must be parenthesized when using 'as'} | 'except' '*' expression ['as' NAME] NEWLINE {E @ expected ':'} | 'except' '*' (NEWLINE | ':') {E @ expected one or more exception types} | 'except' '*' expression 'as' expression ':' block {E 5 cannot use except* statement with %5}
invalid_finally_stmt: 'finally' ':' NEWLINE !INDENT {I @ expected an indented block after 'finally' statement on line $1}
invalid_except_stmt_indent: 'except' expression ['as' NAME] ':' NEWLINE !INDENT {I @ expected an indented block after 'except' statement on line $1} | 'except' ':' NEWLINE !INDENT {I @ expected an indented block after 'except' statement on line $1}
invalid_except_star_stmt_indent: 'except' '*' expression ['as' NAME] ':' NEWLINE !INDENT {I @ expected an indented block after 'except*' statement on line $1}
invalid_match_stmt: "match" subject_expr NEWLINE {E @ expected ':'} | "match" subject_expr ':' NEWLINE !INDENT {I @ expected an indented block after 'match' statement on line $1}
invalid_case_block: "case" patterns [guard] NEWLINE {E @ expected ':'} | "case" patterns [guard] ':' NEWLINE !INDENT {I @ expected an indented block after 'case' statement on line $1}
invalid_as_pattern: or_pattern 'as' "_" {E 3 cannot use '_' as a target} | or_pattern 'as' expression {E 3 cannot use %3 as pattern target}
invalid_class_pattern: name_or_attr '(' [positional_patterns ','] keyword_patterns ',' positional_patterns {E 6 positional patterns follow keyword patterns}
invalid_if_stmt: 'if' named_expression NEWLINE {E @ expected ':'} | 'if' named_expression ':' NEWLINE !INDENT {I @ expected an indented block after 'if' statement on line $1}
invalid_elif_stmt: 'elif' named_expression NEWLINE {E @ expected ':'} | 'elif' named_expression ':' NEWLINE !INDENT {I @ expected an indented block after 'elif' statement on line $1}
invalid_else_stmt: 'else' ':' NEWLINE !INDENT {I @ expected an indented block after 'else' statement on line $1} | 'else' ':' block 'elif' {E 4 'elif' block follows an 'else' block}
invalid_while_stmt: 'while' named_expression NEWLINE {E @ expected ':'} | 'while' named_expression ':' NEWLINE !INDENT {I @ expected an indented block after 'while' statement on line $1}
invalid_for_stmt: ['async'] 'for' star_targets 'in' star_expressions NEWLINE {E @ expected ':'} | ['async'] 'for' star_targets 'in' star_expressions ':' NEWLINE !INDENT {I @ expected an indented block after 'for' statement on line $2}
invalid_def_raw: ['async'] 'def' NAME [type_params] '(' [params] ')' ['->' expression] ':' NEWLINE !INDENT {I @ expected an indented block after function definition on line $2}
invalid_class_def_raw: 'class' NAME [type_params] ['(' [arguments] ')'] NEWLINE {E @ expected ':'} | 'class' NAME [type_params] ['(' [arguments] ')'] ':' NEWLINE !INDENT {I @ expected an indented block after class definition on line $1}
invalid_double_starred_kvpairs: ','.double_starred_kvpair+ ',' invalid_kvpair | expression ':' '*' bitwise_or {E 3> cannot use a starred expression in a dictionary value} | expression ':' &('}' | ',') {E 2 expression expected after dictionary key and ':'}
invalid_kvpair: expression !':' {missing_colon} | expression ':' '*' bitwise_or {E 3> cannot use a starred expression in a dictionary value} | expression ':' &('}' | ',') {E 2 expression expected after dictionary key and ':'}
invalid_starred_expression_unpacking: '*' expression '=' expression {E 1-4 cannot assign to iterable argument unpacking}
invalid_starred_expression: '*' {E @ Invalid star expression}
invalid_fstring_field: '{' '=' {F 2 valid expression required before '='} | '{' '!' {F 2 valid expression required before '!'} | '{' ':' {F 2 valid expression required before ':'} | '{' &'}' {F n valid expression required before '>'} | '{' !annotated_rhs {F n expecting a valid expression after '{'} | '{' annotated_rhs !('=' | '!' | ':' | &'}') {F n expecting '=', or '!', or ':', or '>'} | '{' annotated_rhs '=' !('!' | ':' | &'}') {F n expecting '!', or ':', or '>'} | '{' annotated_rhs ['='] invalid_conversion | '{' annotated_rhs ['='] ['!' NAME] !(':' | &'}') {F n expecting ':' or '>'} | '{' annotated_rhs ['='] ['!' NAME] ':' fstring_spec_part* !'}' {F n expecting '>', or format specs} | '{' annotated_rhs ['='] ['!' NAME] !'}' {F n expecting '>'}
invalid_conversion: '!' &(':' | '}') {F n missing conversion character} | '!' !NAME {F n invalid conversion character}
invalid_string_tstring_concat: (fstring | STRING)+ tstring+ {E 1-2 cannot mix t-string literals with string or bytes literals} | tstring+ (fstring | STRING)+ {E 1-2 cannot mix t-string literals with string or bytes literals}
invalid_not_equal: '<>' {E 1 invalid syntax.  Maybe you meant '!=' instead of '<>'?}
invalid_arithmetic: ('+' | '-' | '*' | '/' | '%' | '//' | '@') 'not' inversion {E 2-3 'not' after an operator must be parenthesized}
invalid_factor: ('+' | '-' | '~') 'not' factor {E 2-3 'not' after an operator must be parenthesized}
invalid_type_params: '[' ']' {E 2> Type parameter list cannot be empty}
"#;
