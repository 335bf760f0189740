### 页面上的文字。

skip-to-content = 跳到正文

nav-label = 页面
nav-records = 拜访记录
nav-devices = 手机

language-label = 语言

sign-out = 退出

list-comma = 、

cancel = 取消

overview-title = 拜访记录
overview-tiles = 按状态筛选
overview-waiting = 待您批示
overview-running = 其他
overview-window = 最近 { $count } 天
overview-cut = 记录太多，较早的没有计入；请按人员筛选。

filter-all-reps = 全部人员
filter-customer-hint = 名称或编号
filter-apply = 筛选
filter-clear = 清除筛选

records-head = 记录
records-count = { $count } 条
records-empty = 没有符合条件的记录。

column-customer = 客户
column-rep = 拜访人
column-ended = 拜访结束
column-due = 截止
column-state = 状态
column-basis = 依据
column-evidence = 时间证据
column-user = 使用人
column-device = 手机
column-enrolled = 登记于
column-contact = 最近联系

customer-missing = 未填客户
customer-grade = 客户等级
customer-tags = 客户标签

not-ended = 尚未结束
not-arrived = 尚未到达

pager-label = 翻页
pager-previous = 上一页
pager-next = 下一页
pager-page-of = 第 { $page } 页，共 { $pages } 页

reps-head = 按人员
reps-waiting = 待批示 { $count }

crumbs-label = 位置

timeline-ended-at = 拜访结束 { $name }
timeline-due-at = 截止 { $name }
timeline-not-before = 不早于 { $name }
timeline-not-after = 不晚于 { $name }

key-ended = 拜访结束
key-interval = 已证明的提交区间
key-interval-short = 已证明区间
key-measured = 手机计时测得
key-claimed = 手机显示的时间
key-now = 现在

evidence-table = 证据明细
evidence-outcome = 判定
evidence-rule = 规则
evidence-not-before = 不早于
evidence-rests-on = 来源
evidence-anchor = 服务器时间凭证
evidence-enrolment = 手机登记
evidence-not-after = 不晚于（到达）
evidence-measured = 手机计时测得
evidence-unmeasured = 未测得
evidence-claimed = 手机显示的时间

difference-head = 补正内容
difference-field = 字段
difference-before = 第 { $count } 版（已封存）
difference-after = 补正后

value-empty = 未填
value-removed = 清空

decide-head = 批示
decide-ruling = 意见
decide-reason = 原因
decide-note = 说明（可不填）
decide-choose = 请选择
decide-hint = 批示会与证据一并永久保存，不改动证据，也不能删除。
decide-send = 提交批示

nothing-submitted = 尚未提交

fields-head = 内容
fields-draft = 当前草稿
fields-empty = 还没有填写任何内容。

version-number = 第 { $count } 版
version-joins = 合并 { $count } 次提交

versions-head = 封存版本
versions-empty = 尚无封存版本。

decisions-head = 批示记录
decisions-empty = 尚无批示。

decision-submit = 所涉提交

submit-reason = 填报人注明：{ $name }
submit-missing = 缺：{ $name }

history-head = 历史
refused-head = 拒收
refused-means = 这些条目未并入记录，仍保存在手机上。
history-server = 服务器
history-arrived = { $name } 到达

devices-just-revoked = 已停用“{ $name }”。
devices-empty = 还没有登记手机。
devices-never = 从未联系

device-active = 使用中
device-revoked = 已停用
device-quarantined = 此后送来的 { $count } 页已隔离

revoke = 停用
revoke-named = 停用 { $name }
revoke-title = 停用这部手机？
revoke-means-kept = 已送达服务器的内容全部保留。
revoke-means-later = 此后送来的内容将被隔离，留作证据，不会进入记录；手机重新登记后，会补写尚未送达的内容。
revoke-means-again = 要继续使用，须重新登记为新手机。
revoke-yes = 确认停用

sign-in-title = 登录
sign-in-lead = 主管查看、批示拜访记录的页面。
sign-in-company = 公司代码
sign-in-login = 账号
sign-in-password = 密码
sign-in = 登录
sign-in-first = 首次登录？用一次性登录码设置密码

first-title = 首次登录
first-lead = 用管理员给您的一次性登录码设置密码。
first-code = 一次性登录码
first-password = 新密码
first-password-hint = 至少 12 个字符。
first-repeat = 再输一次
first-send = 设置密码并登录
first-back = 返回登录

problem-home = 回到拜访记录

refused-count = 拒收 { $count } 条

nav-obligations = 应办事项

obligations-title = 应办事项
obligations-cut = 事项太多，到期最晚的没有计入；请按人员筛选。
obligations-head = 事项
obligations-empty = 没有符合条件的事项。

span-label = 时间范围
span-month = 月
span-quarter = 季

chosen-label = 已选条件
chosen-off = 取消

quotas-head = 定额完成情况
rules-head = 按规定
rules-waiting-next = 制度原文没有写明这些数值。请在规则文件的 [parameters] 中填上，之后即开始计算。

quota-all-customers = 全部客户
quota-often = { $other }不少于 { $name } 次

column-rule = 规定
column-about = 对象
column-owed-by = 责任人

filter-all-rules = 全部规定

owed-met-of = 履行 { $name } / { $other }
owed-by-anybody = 不指定人员
owed-in-share = 只计入比例
owed-in-share-means = 此项只计入完成比例，单独一项未办不算违规。
owed-undecided = 待人工判定
owed-since = 自 { $name } 起

owed-breached-means = 未按规定办理。
owed-missed-means = 未在期限内办理。
owed-not_evaluable-means = 无法判断是否履行：缺少以下资料。
owed-pending-means = 尚在期限内。
owed-let_off-means = 已免办，不予追究。
owed-not-open-means = 尚未到可办时间。
owed-undecided-means = 期限已过，但证据不足以判定，须由人工判定。
owed-met-means = 已按规定办理。

about-company = 全公司
about-hidden = 您无权查看
outside-line = 您管辖范围以外的人员
customer-outside-line = 其他团队的客户
due-never = 不设期限

window-opens-at = 可办自 { $name }
key-window = 办理期限

fact-about-head = 起因
fact-bounds = 已证明时间
facts-counted-head = 计入的事实
facts-counted-empty = 没有计入的事实。
facts-passed-over-head = 不计入的事实

passed-over-first = 查看先前的一项

missing-customer = 没有写明客户。
missing-customer-next = 请在手机上的记录中补填客户。
missing-owner = 当时该客户没有责任人。
missing-owner-next = 请为该客户指定责任人（重新导入客户，或通过接口修改）。
missing-supervisor = 相关人员没有上级。
missing-supervisor-next = 请设定该人员的上级（重新导入人员）。
missing-actor = 不知道是谁办的。
missing-actor-next = 请以经办人的名义重新录入。
missing-time = 时间超出可计算的范围。
missing-time-next = 请更正记录中的时间。
missing-calendar = 缺少 { $name } 年的节假日历。
missing-calendar-next = 请用 fieldbook calendar put 放入，随后会重新计算。
missing-post = 没有人担任“{ $name }”。
missing-post-next = 请把该岗位分配给人员（重新导入人员）。
missing-route = 规则没有写明“{ $name }”由谁负责。
missing-route-next = 请在规则文件中补上，或更正记录中的用词。
missing-grade = 同时符合多个等级：{ $name }。
missing-grade-next = 请让规则文件中的等级互不重叠，或补全数据。
missing-field = 没有填写“{ $name }”。
missing-field-next = 请在相应的记录中补填，系统会随即重新判定。
obligations-count = { $count } 项
owed-breached-count = 违规 { $count }
owed-by-others = 另 { $count } 人
rules-more = 其余 { $count } 条规定
rules-waiting = { $count } 条规定缺参数，尚未计算
facts-count = { $count } 项
facts-counted = 计入 { $count } 项
facts-passed-over = 不计入 { $count } 项
facts-not-shown = 另有 { $count } 项事实未显示：数量过多，或您无权查看。

exception-let-off = 免办
exception-required = 改为 { $count } 次
exception-days = 适用于 { $name } 起算的各期
exception-hidden = 此项有例外处理，内容对您不公开。
except-head = 例外处理
except-number = 调整后的次数
except-until = 延续至（可不填）
except-until-hint = 不填截止日则只适用于本期。
except-send = 保存例外

closings-link = 结账记录
closings-title = 结账记录
closings-means = 结账时的情况会永久保存；之后到达的证据照常计入，差别列在这里。
closings-empty = 尚无结账记录。
close-head = 月度或季度结账
close-span = 期间
close-hint = 结账前先处理全部已到达的资料。结账不能删除，同一期间可以再次结账。
close-send = 结账
column-closed = 结账时间
column-closed-by = 结账人
column-note = 说明
closing-title = { $name }：结账时与现在
points-head = 与结账时不同的计分
changes-head = 与结账时不同的事项
changes-empty = 您可以查看的事项与结账时一致。
changes-none-here = 此处没有您可以查看的差别。
changes-more = 更多
changes-restart = 从头查看
change-then = 结账时
change-now = 现在
change-nothing = 无此事项
change-withheld = 对您不公开
facts-came = 新增的事实
facts-went = 不再计入的事实
facts-changed = 变动的事实
